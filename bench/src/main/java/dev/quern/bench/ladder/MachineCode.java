package dev.quern.bench.ladder;

import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The machine code in what a driver made of a program. PoCL's format holds shared libraries, which {@code objdump} (binutils)
 * disassembles where it is installed; NVIDIA's is the text of PTX.
 */
public final class MachineCode {
    private static final byte[] ELF = {0x7f, 'E', 'L', 'F', 2, 1};
    private static final int ELF_HEADER = 64;
    private static final int SECTION_TABLE_OFFSET = 40;
    private static final int SECTION_SIZE_OFFSET = 58;
    private static final int SECTION_COUNT_OFFSET = 60;
    private static final int PATIENCE_SECONDS = 60;
    private static final Pattern REGISTER = Pattern.compile("\\b(zmm|ymm|xmm)\\d");

    private MachineCode() {
    }

    /**
     * Writes the machine code of a program into a folder.
     *
     * @param binary what {@link dev.quern.runtime.Program#binary()} gave
     * @param name   what the files are called
     * @return the files
     */
    public static List<Path> write(byte[] binary, Path folder, String name) {
        try {
            Files.createDirectories(folder);
            List<Path> files = new ArrayList<>();
            String head = new String(binary, 0, Math.min(binary.length, 4096), StandardCharsets.ISO_8859_1);
            if (head.contains(".version") && head.contains(".target")) {
                files.add(Files.write(folder.resolve(name + ".ptx"), binary));
                return files;
            }
            List<byte[]> images = images(binary);
            for (int i = 0; i < images.size(); i++) {
                Path image = Files.write(folder.resolve(name + (images.size() == 1 ? "" : "-" + i) + ".so"), images.get(i));
                files.add(image);
                Path assembly = Path.of(image.toString().replaceAll("\\.so$", ".s"));
                if (disassemble(image, assembly)) {
                    files.add(assembly);
                }
            }
            if (images.isEmpty()) {
                files.add(Files.write(folder.resolve(name + ".bin"), binary));
            }
            return files;
        } catch (IOException e) {
            throw new QuernException(folder + ": machine code cannot be written: " + e.getMessage(), e);
        }
    }

    /** The 64-bit little-endian ELF images in a binary; an image ends behind its table of sections. */
    static List<byte[]> images(byte[] binary) {
        List<byte[]> images = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.wrap(binary).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (at + ELF_HEADER <= binary.length) {
            if (!matches(binary, at)) {
                at++;
                continue;
            }
            long length = bytes.getLong(at + SECTION_TABLE_OFFSET)
                    + (long) bytes.getShort(at + SECTION_SIZE_OFFSET) * bytes.getShort(at + SECTION_COUNT_OFFSET);
            if (length < ELF_HEADER || at + length > binary.length) {
                at++;
                continue;
            }
            byte[] image = new byte[(int) length];
            System.arraycopy(binary, at, image, 0, image.length);
            images.add(image);
            at += image.length;
        }
        return images;
    }

    private static boolean matches(byte[] binary, int at) {
        for (int i = 0; i < ELF.length; i++) {
            if (binary[at + i] != ELF[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether there is a disassembler. */
    private static boolean disassemble(Path image, Path assembly) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder("objdump", "-d", "--no-show-raw-insn", "-M", "intel", image.toString())
                    .redirectErrorStream(true).redirectOutput(assembly.toFile()).start();
        } catch (IOException e) {
            // No such program on this machine.
            return false;
        }
        try {
            if (process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0) {
                return true;
            }
            process.destroyForcibly();
            Files.deleteIfExists(assembly);
            return false;
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while disassembling", e);
        }
    }

    /**
     * How many instructions use vector registers of each width, for example {@code 512 bit 310, 256 bit 0, 128 bit 42}: a kernel that
     * was meant to compute on full vectors and does not shows here. An instruction counts by its widest register.
     */
    public static Optional<String> widths(List<Path> files) {
        TreeMap<String, Integer> counts = new TreeMap<>();
        boolean any = false;
        try {
            for (Path file : files) {
                if (!file.toString().endsWith(".s")) {
                    continue;
                }
                any = true;
                for (String line : Files.readAllLines(file)) {
                    Matcher matcher = REGISTER.matcher(line);
                    String widest = "";
                    while (matcher.find()) {
                        // z > y > x, as the letters are.
                        widest = matcher.group(1).compareTo(widest) > 0 ? matcher.group(1) : widest;
                    }
                    if (!widest.isEmpty()) {
                        counts.merge(widest, 1, Integer::sum);
                    }
                }
            }
        } catch (IOException e) {
            throw new QuernException("assembly cannot be read: " + e.getMessage(), e);
        }
        return any ? Optional.of("512 bit " + counts.getOrDefault("zmm", 0) + ", 256 bit " + counts.getOrDefault("ymm", 0) + ", 128 bit "
                + counts.getOrDefault("xmm", 0)) : Optional.empty();
    }
}
