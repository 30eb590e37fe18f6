import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Serves from a keystore for each line of its input, which has the keystore's type, file and password. It
 * answers with a port, takes one connection there, says hello, and goes on to the next line.
 */
class Server {
    public static void main(String[] args) throws Exception {
        var in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] field = line.split("\t", -1);
            KeyStore store = KeyStore.getInstance(field[0]);
            char[] password = field[2].toCharArray();
            try (var file = new FileInputStream(field[1])) {
                store.load(file, password);
            }
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, password);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            try (var listener = context.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
                System.out.println(listener.getLocalPort());
                try (var socket = (SSLSocket) listener.accept()) {
                    socket.getOutputStream().write("hello".getBytes());
                }
            }
        }
    }
}
