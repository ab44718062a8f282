// A client that closes none of its sockets unless it is told to. A line of its input is one act: `connect 50000`,
// `read 50000` and `close 50000`, each named by the port it leads to. The end of its input ends it.
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import java.util.Scanner;

class Leaver {
  public static void main(String[] args) throws Exception {
    Map<String, Socket> sockets = new HashMap<>();
    Scanner input = new Scanner(System.in);
    while (input.hasNextLine()) {
      String line = input.nextLine();
      String[] words = line.split(" ");
      String port = words[1];
      switch (words[0]) {
        case "connect" -> sockets.put(port, new Socket(args[0], Integer.parseInt(port)));
        case "read" -> sockets.get(port).getInputStream().read(new byte[100]);
        case "close" -> sockets.get(port).close();
        default -> throw new IllegalArgumentException(line);
      }
      System.out.println("done: " + line);
    }
  }
}
