package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a server in this process, which can cut connections and knows ranges or not. */
class RemoteFileTest {
    private static final int SIZE = 300_000;

    @TempDir
    private Path folder;

    private final byte[] content = new byte[SIZE];
    private final List<String> ranges = new ArrayList<>();
    private HttpServer server;
    private URI base;
    private int cutAfter = SIZE;
    private boolean knowsRanges = true;
    private RemoteFile file;

    @BeforeEach
    void start() throws Exception {
        new Random(1).nextBytes(content);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/set/a.gz", this::answer);
        server.start();
        base = URI.create("http://" + server.getAddress().getHostString() + ":" + server.getAddress().getPort() + "/set");
        file = new RemoteFile("a.gz", "SHA-256", HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content)));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        ranges.add(String.valueOf(range));
        int from = range != null && knowsRanges ? Integer.parseInt(range.replaceAll("\\D", "")) : 0;
        if (from >= SIZE) {
            exchange.sendResponseHeaders(416, -1);
            exchange.close();
            return;
        }
        if (from > 0) {
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (SIZE - 1) + "/" + SIZE);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, SIZE - from);
        exchange.getResponseBody().write(content, from, Math.max(0, Math.min(SIZE, cutAfter) - from));
        exchange.getResponseBody().flush();
        exchange.close();
    }

    private void fetch() {
        file.fetch(base, folder, (_, _) -> { });
    }

    /** A server that stops sending but keeps the connection, and one that never answers. */
    @Test
    void aServerThatStallsIsGivenUp() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            URI address = URI.create("http://" + silent.getInetAddress().getHostAddress() + ":" + silent.getLocalPort() + "/");
            Duration patience = Duration.ofMillis(400);
            assertThatThrownBy(() -> file.fetch(address, folder, (_, _) -> { }, patience)).isInstanceOf(QuernException.class)
                    .hasMessageContaining("a.gz cannot be reached (HttpTimeout");
            Thread.ofPlatform().daemon().start(() -> answerHalf(silent));
            assertThatThrownBy(() -> file.fetch(address, folder, (_, _) -> { }, patience)).isInstanceOf(QuernException.class).hasMessageContaining("the server sent nothing for 0.4 s after 1000 of 300000 bytes; the same command goes on from there");
        }
        assertThat(Files.size(folder.resolve("a.gz.part"))).isEqualTo(1000);
    }

    private void answerHalf(ServerSocket server) {
        try {
            List<Socket> open = new ArrayList<>();
            while (true) {
                Socket socket = server.accept();
                open.add(socket);
                answerHalf(socket);
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private void answerHalf(Socket socket) {
        try {
            socket.getOutputStream().write(("HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(content, 0, 1000);
            socket.getOutputStream().flush();
        } catch (IOException e) {
            // A connection of before, which was given up while nobody answered.
        }
    }

    private void assertWhole() throws IOException {
        assertThat(Files.readAllBytes(folder.resolve("a.gz"))).isEqualTo(content);
        assertThat(folder.resolve("a.gz.part")).doesNotExist();
        assertThat(file.isIn(folder)).isTrue();
    }

    @Test
    void theFileComesWholeAndProgressIsTold() throws IOException {
        List<Long> told = new ArrayList<>();
        file.fetch(base, folder, (bytes, all) -> {
            assertThat(all).isEqualTo(SIZE);
            told.add(bytes);
        });
        assertWhole();
        assertThat(told).isSorted().last().isEqualTo((long) SIZE);
    }

    @Test
    void afterACutConnectionTheRestIsFetched() throws IOException {
        cutAfter = 200_000;
        assertThatThrownBy(this::fetch).isInstanceOf(QuernException.class).hasMessageContaining("the connection was cut after ")
                .hasMessageContaining("of " + SIZE + " bytes");
        assertThat(folder.resolve("a.gz")).doesNotExist();
        long had = Files.size(folder.resolve("a.gz.part"));
        assertThat(had).isBetween(1L, 200_000L);
        cutAfter = SIZE;
        fetch();
        assertWhole();
        assertThat(ranges).containsExactly("null", "bytes=" + had + "-");
    }

    @Test
    void aServerWithoutRangesSendsEverythingAgain() throws IOException {
        knowsRanges = false;
        Files.write(folder.resolve("a.gz.part"), Arrays.copyOf(content, 1000));
        fetch();
        assertWhole();
        assertThat(ranges).containsExactly("bytes=1000-");
    }

    @Test
    void aPartThatIsWholeAlreadyOnlyNeedsItsName() throws IOException {
        Files.write(folder.resolve("a.gz.part"), content);
        fetch();
        assertWhole();
    }

    @Test
    void aPartOfAnotherFileIsFetchedFromTheStart() throws IOException {
        Files.write(folder.resolve("a.gz.part"), new byte[1000]);
        fetch();
        assertWhole();
        assertThat(ranges).containsExactly("bytes=1000-", "null");
    }

    @Test
    void anotherChecksumKeepsNothing() {
        content[7]++;
        assertThatThrownBy(this::fetch).isInstanceOf(QuernException.class).hasMessageContaining("its SHA-256 is ")
                .hasMessageContaining("expected " + file.checksum());
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aMissingFileIsNamedWithTheServersAnswer() {
        RemoteFile other = new RemoteFile("b.gz", "MD5", "");
        assertThatThrownBy(() -> other.fetch(base, folder, (_, _) -> { })).isInstanceOf(QuernException.class)
                .hasMessageContaining("/set/b.gz: the server answers 404");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void whatIsThereIsNotFetchedAgainUnlessItIsDamaged() throws IOException {
        RemoteData set = new RemoteData("set", "lenet", base, List.of(file));
        StringWriter lines = new StringWriter();
        PrintWriter out = new PrintWriter(lines, true);
        DataCommand.fetch(set, base, folder, out);
        DataCommand.fetch(set, base, folder, out);
        assertThat(ranges).hasSize(1);
        Files.write(folder.resolve("a.gz"), new byte[10]);
        DataCommand.fetch(set, base, folder, out);
        assertWhole();
        assertThat(lines.toString().lines()).containsExactly("a.gz: 300,000 bytes, SHA-256 as expected", "a.gz: is there",
                "a.gz: 300,000 bytes, SHA-256 as expected");
    }

    @Test
    void withoutAServerTheCommandFailsInOneLine() {
        server.stop(0);
        CommandRun run = CommandRun.of("data", "mnist", "--dir", folder.toString(), "--from", base.toString());
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("train-images-idx3-ubyte.gz cannot be reached").hasLineCount(1);
    }

    @Test
    void theCommandRefusesWhatItDoesNotKnow() throws IOException {
        CommandRun set = CommandRun.of("data", "nist");
        assertThat(set.code()).isEqualTo(2);
        assertThat(set.err()).contains("data set 'nist': there is mnist").hasLineCount(1);
        CommandRun from = CommandRun.of("data", "mnist", "--from", "file:///etc");
        assertThat(from.code()).isEqualTo(2);
        assertThat(from.err()).contains("needs an address that begins with http").hasLineCount(1);
        Path inTheWay = Files.writeString(folder.resolve("file"), "");
        CommandRun dir = CommandRun.of("data", "mnist", "--dir", inTheWay.toString(), "--from", base.toString());
        assertThat(dir.code()).isEqualTo(1);
        assertThat(dir.err()).contains("cannot be made").hasLineCount(1);
    }

    @Test
    void anUnwritableFileIsNamed() throws IOException {
        Files.createDirectory(folder.resolve("a.gz.part"));
        assertThatThrownBy(this::fetch).isInstanceOf(QuernException.class).hasMessageContaining("a.gz.part cannot be written");
    }
}
