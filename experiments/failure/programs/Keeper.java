// A server that never closes what it has accepted, and reads of it only what it is told to. A line of its input is one
// act: `accept 50000` listens there and accepts one connection, `read 50000` reads it to the end of the stream. The end of
// its input ends it.
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.Scanner;

class Keeper {
  public static void main(String[] args) throws Exception {
    Map<String, Socket> sockets = new HashMap<>();
    Scanner input = new Scanner(System.in);
    while (input.hasNextLine()) {
      String line = input.nextLine();
      String[] words = line.split(" ");
      String port = words[1];
      switch (words[0]) {
        case "accept" -> {
          ServerSocket listener = new ServerSocket(Integer.parseInt(port));
          System.out.println("listens: " + port);
          sockets.put(port, listener.accept());
        }
        case "read" -> sockets.get(port).getInputStream().readAllBytes();
        default -> throw new IllegalArgumentException(line);
      }
      System.out.println("done: " + line);
    }
  }
}
