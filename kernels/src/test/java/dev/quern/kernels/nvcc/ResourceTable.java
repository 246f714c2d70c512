package dev.quern.kernels.nvcc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What each kernel took when somebody last looked: a text file, one line a kernel and architecture.
 *
 * <pre>
 * nvcc 13.0.88
 * sm_90 56 registers 8320 shared 0 spilled | gemm_register_tiled | gemm/register_tiled | gemm f32 512x384x256 nn {…}
 * sm_90 255 registers 0 shared 48 spilled, because … | …
 * </pre>
 */
final class ResourceTable {
    private static final String SEPARATOR = " | ";
    private static final String BECAUSE = ", because ";

    private final String compiler;
    private final Map<String, Row> rows = new TreeMap<>();

    ResourceTable(String compiler) {
        this.compiler = compiler;
    }

    /** What a kernel takes, and why it may spill; the reason is empty if there is none. */
    record Row(KernelResources taken, String reason) {
    }

    /** What a row is about. */
    static String key(String architecture, String entry, String label) {
        return entry + SEPARATOR + label + SEPARATOR + architecture;
    }

    /** The version of the compiler that made it. */
    String compiler() {
        return compiler;
    }

    Map<String, Row> rows() {
        return rows;
    }

    void put(String key, KernelResources taken, String reason) {
        rows.put(key, new Row(taken, reason));
    }

    static ResourceTable read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        ResourceTable table = new ResourceTable(lines.getFirst().substring("nvcc ".length()));
        for (String line : lines.subList(1, lines.size())) {
            int end = line.indexOf(SEPARATOR);
            String[] parts = line.substring(0, end).split(BECAUSE, 2);
            String[] words = parts[0].split(" ");
            table.put(line.substring(end + SEPARATOR.length()) + SEPARATOR + words[0], new KernelResources(
                    Integer.parseInt(words[1]), Integer.parseInt(words[3]), Integer.parseInt(words[5])),
                    parts.length == 2 ? parts[1] : "");
        }
        return table;
    }

    void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>(List.of("nvcc " + compiler));
        rows.forEach((key, row) -> {
            int last = key.lastIndexOf(SEPARATOR);
            lines.add(key.substring(last + SEPARATOR.length()) + " " + row.taken().registers() + " registers "
                    + row.taken().shared() + " shared " + row.taken().spilled() + " spilled"
                    + (row.reason().isEmpty() ? "" : BECAUSE + row.reason()) + SEPARATOR + key.substring(0, last));
        });
        Files.createDirectories(file.getParent());
        Files.write(file, lines);
    }

    /**
     * What is wrong with what was measured, this being what is allowed: spills without a reason always, any other difference if
     * the same compiler made both.
     */
    List<String> differences(ResourceTable measured) {
        List<String> wrong = new ArrayList<>();
        boolean same = compiler.equals(measured.compiler);
        measured.rows.forEach((key, row) -> {
            Row allowed = rows.get(key);
            if (row.taken().spilled() > 0 && (allowed == null || allowed.reason().isEmpty())) {
                wrong.add(key + ": spills " + row.taken().spilled() + " bytes a thread (" + row.taken().registers()
                        + " registers); use fewer registers, or give a reason in the table");
            } else if (same && allowed == null) {
                wrong.add(key + ": is not in the table");
            } else if (same && !allowed.taken().equals(row.taken())) {
                wrong.add(key + ": takes " + text(row.taken()) + ", the table says " + text(allowed.taken()));
            }
        });
        if (same) {
            rows.keySet().stream().filter(key -> !measured.rows.containsKey(key))
                    .forEach(key -> wrong.add(key + ": is in the table, but there is no such kernel"));
        }
        return wrong;
    }

    private static String text(KernelResources taken) {
        return taken.registers() + " registers, " + taken.shared() + " bytes shared, " + taken.spilled() + " spilled";
    }
}
