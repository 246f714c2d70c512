package dev.quern.bench.peer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Source in the language of TorchScript archives as an archive that every PyTorch loads ({@code torch.jit.load}), so that
 * all PyTorch peers run the same text.
 *
 * <p>The source defines {@code run(x0, x1, …)}, which takes tensors and returns a tensor or several. {@code torch.NAME} is the
 * operator {@code aten::NAME} with positional arguments, lists for sizes and {@code None} for what is absent; there is no
 * {@code torch.nn.functional}. Two functions help with backward passes: {@code leaf(x)} is x as a variable to differentiate
 * with respect to, and {@code gradients([y], [a, b], [dy])} gives the gradients with respect to a and b. Arguments of
 * functions are tensors unless annotated; functions may be given beside {@code run}.
 */
public final class TorchScript {
    private static final Pattern FUNCTION = Pattern.compile("^def (\\w+)\\(", Pattern.MULTILINE);
    /** The format in which operators mean what they do today; later PyTorch versions translate. */
    private static final String FORMAT = "10\n";

    private static final String PRELUDE = """

            def leaf(x: Tensor) -> Tensor:
              return x.detach().requires_grad_(True)

            def gradients(ys: List[Tensor], xs: List[Tensor], gs: List[Tensor]) -> List[Tensor]:
              seeds = annotate(List[Optional[Tensor]], [])
              for g in gs:
                seeds.append(g)
              found = annotate(List[Tensor], [])
              for f in torch.grad(ys, xs, seeds):
                found.append(unchecked_cast(Tensor, f))
              return found
            """;

    private TorchScript() {
    }

    /** Whether the script differentiates; the others run without recording what gradients need. */
    public static boolean differentiates(String script) {
        return script.contains("leaf(");
    }

    /**
     * The archive, a module whose {@code forward} calls the script's {@code run}.
     *
     * @param script defines {@code run}
     * @param inputs how many tensors it takes
     */
    public static byte[] archive(String script, int inputs) {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("quern/data.pkl", module());
        entries.put("quern/code/__torch__.py", code(script, inputs).getBytes(StandardCharsets.UTF_8));
        // An empty tuple.
        entries.put("quern/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
        entries.put("quern/version", FORMAT.getBytes(StandardCharsets.UTF_8));
        return zip(entries);
    }

    /** The pickled object of class {@code __torch__.Run} with its one attribute, {@code training}. */
    private static byte[] module() {
        ByteArrayOutputStream pickle = new ByteArrayOutputStream();
        pickle.writeBytes(new byte[] {(byte) 0x80, 2});
        pickle.writeBytes("c__torch__\nRun\n".getBytes(StandardCharsets.UTF_8));
        pickle.writeBytes(new byte[] {')', (byte) 0x81, '}', '('});
        byte[] name = "training".getBytes(StandardCharsets.UTF_8);
        pickle.writeBytes(new byte[] {'X', (byte) name.length, 0, 0, 0});
        pickle.writeBytes(name);
        pickle.writeBytes(new byte[] {(byte) 0x88, 'u', 'b', '.'});
        return pickle.toByteArray();
    }

    private static String code(String script, int inputs) {
        if (!script.startsWith("def ") || !script.contains("def run(")) {
            throw new IllegalArgumentException("a script begins with a function and defines run(x0, x1, …): " + script);
        }
        String functions = script.stripTrailing() + "\n" + PRELUDE;
        // Functions of an archive are called by their full names.
        Matcher names = FUNCTION.matcher(functions);
        String qualified = functions;
        while (names.find()) {
            qualified = qualified.replaceAll("(?<!def )(?<![\\w.])" + names.group(1) + "\\(", "__torch__." + names.group(1) + "(");
        }
        return "class Run(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
                + "  def forward(self: __torch__.Run, " + arguments(inputs, ": Tensor") + "):\n"
                + "    return __torch__.run(" + arguments(inputs, "") + ")\n" + qualified;
    }

    private static String arguments(int inputs, String suffix) {
        return IntStream.range(0, inputs).mapToObj(i -> "x" + i + suffix).collect(Collectors.joining(", "));
    }

    /** Stored entries without a time, so that equal scripts give equal bytes. */
    private static byte[] zip(Map<String, byte[]> entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : entries.entrySet()) {
                ZipEntry entry = new ZipEntry(file.getKey());
                CRC32 sum = new CRC32();
                sum.update(file.getValue());
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(file.getValue().length);
                entry.setCrc(sum.getValue());
                entry.setTime(0);
                zip.putNextEntry(entry);
                zip.write(file.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
