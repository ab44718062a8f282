// A client that connects, reads what comes, and closes what it has at its own end, which the end of its input brings.
// Usage: dialer [-by net.Dial] [-keepalive 5s] address:port
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
)

func main() {
	by := flag.String("by", "net.DialTCP", "the function that connects: net.Dial or net.DialTCP")
	period := flag.Duration("keepalive", 0, "turn keepalive on, with this period")
	flag.Parse()

	conn, err := dial(*by, flag.Arg(0))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	defer func() {
		conn.Close()
		fmt.Println("closed by its own code")
	}()
	if *period > 0 {
		conn.SetKeepAlive(true)
		conn.SetKeepAlivePeriod(*period)
	}
	fmt.Println("connected")

	over := make(chan string)
	go func() {
		_, err := io.Copy(io.Discard, conn)
		over <- fmt.Sprint("read: ", err)
	}()
	go func() {
		io.Copy(io.Discard, os.Stdin)
		over <- "the input has ended"
	}()
	fmt.Println(<-over)
}

func dial(by, address string) (*net.TCPConn, error) {
	if by == "net.Dial" {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return nil, err
		}
		return conn.(*net.TCPConn), nil
	}
	to, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, err
	}
	return net.DialTCP("tcp", nil, to)
}
