import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Connects to a server of this machine for each line of its input, and says in a line what came of it. The
 * line has the port, the name that the server is to have, and the PEM file to trust, empty for what Java
 * trusts already.
 */
class Client {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] field = line.split("\t", -1);
            System.out.println(visit(Integer.parseInt(field[0]), field[1], field[2]));
        }
    }

    static String visit(int port, String host, String ca) throws GeneralSecurityException, IOException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust(ca).getTrustManagers(), null);
        try (Socket plain = new Socket("127.0.0.1", port);
                SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true)) {
            var parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // without it Java does not look at names
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return "ok";
        } catch (IOException e) { // an SSLException, where the server is there and speaks TLS
            return String.valueOf(e.getMessage()).lines().findFirst().orElse("refused");
        }
    }

    static TrustManagerFactory trust(String ca) throws GeneralSecurityException, IOException {
        KeyStore store = null;
        if (!ca.isEmpty()) {
            store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            try (var file = new FileInputStream(ca)) {
                int n = 0;
                for (Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                    store.setCertificateEntry("ca" + n++, c);
                }
            }
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust;
    }
}
