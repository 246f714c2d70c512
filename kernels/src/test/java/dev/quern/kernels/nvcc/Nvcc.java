package dev.quern.kernels.nvcc;

import dev.quern.runtime.cache.CacheFolder;
import dev.quern.runtime.cuda.CudaSource;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The compiler {@code nvcc} of the PATH, asked what kernels take of a multiprocessor. Many sources share one call, each in a
 * namespace of its own, because half of a small kernel's time goes into starting the compiler. What was learnt is kept in the
 * user's cache under a hash of source, options and compiler.
 */
final class Nvcc {
    private static final int BATCH = 24;
    private static final int DAYS_KEPT = 60;
    private static final Pattern VERSION = Pattern.compile("release [\\d.]+, V([\\d.]+)");
    private static final Pattern MACRO = Pattern.compile("^\\s*#\\s*define\\s+(\\w+)", Pattern.MULTILINE);
    private static final Pattern ENTRY = Pattern.compile("Compiling entry function '(\\w+)'");
    private static final Pattern SPILLS = Pattern.compile("(\\d+) bytes spill stores");
    private static final Pattern USED = Pattern.compile("Used (\\d+) registers");
    private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

    private final Path program;
    private final String version;
    private final Path cache;
    private final Path work;

    private Nvcc(Path program, String version, Path work) {
        this.program = program;
        this.version = version;
        this.work = work;
        this.cache = CacheFolder.ofUser().resolve("quern").resolve("nvcc");
    }

    /** One source on its way through the compiler. */
    record Unit(String label, String source, String architecture) {
    }

    /** What became of a source: the resources of each of its kernels, or the compiler's words. */
    record Outcome(Map<String, KernelResources> kernels, String error) {
    }

    /**
     * The compiler, if there is one.
     *
     * @param work an empty folder for its files
     */
    static Optional<Nvcc> find(Path work) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            Path program = Path.of(folder).resolve("nvcc");
            if (Files.isExecutable(program)) {
                Matcher matcher = VERSION.matcher(run(work, List.of(program.toString(), "--version")).output());
                return matcher.find() ? Optional.of(new Nvcc(program, matcher.group(1), work)) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** For example {@code 13.0.88}. */
    String version() {
        return version;
    }

    /** Compiles sources; the outcomes are in their order. */
    List<Outcome> compile(List<Unit> units) {
        Map<Unit, Outcome> outcomes = new HashMap<>();
        Map<String, List<Unit>> wanted = new LinkedHashMap<>();
        for (Unit unit : units) {
            cached(unit).ifPresentOrElse(known -> outcomes.put(unit, known),
                    () -> wanted.computeIfAbsent(unit.architecture(), each -> new ArrayList<>()).add(unit));
        }
        List<List<Unit>> batches = new ArrayList<>();
        wanted.values().forEach(all -> {
            for (int first = 0; first < all.size(); first += BATCH) {
                batches.add(all.subList(first, Math.min(first + BATCH, all.size())));
            }
        });
        try (ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<Future<Map<Unit, Outcome>>> running = new ArrayList<>();
            for (int b = 0; b < batches.size(); b++) {
                List<Unit> batch = batches.get(b);
                Path folder = work.resolve("batch" + b);
                running.add(pool.submit(() -> together(folder, batch)));
            }
            for (Future<Map<Unit, Outcome>> each : running) {
                outcomes.putAll(each.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while nvcc ran", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
        forget();
        return units.stream().map(outcomes::get).toList();
    }

    /** Where a batch does not compile, its sources are compiled one by one, so that each error has its source. */
    private Map<Unit, Outcome> together(Path folder, List<Unit> batch) throws IOException {
        Files.createDirectories(folder);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < batch.size(); i++) {
            append(text, i, batch.get(i).source());
        }
        Process result = compile(folder, text.toString(), batch.getFirst().architecture());
        Map<Unit, Outcome> outcomes = new HashMap<>();
        if (result.status() != 0 && batch.size() > 1) {
            for (int i = 0; i < batch.size(); i++) {
                outcomes.putAll(together(folder.resolve("unit" + i), batch.subList(i, i + 1)));
            }
            return outcomes;
        }
        Map<Integer, Map<String, KernelResources>> reports = parse(result.output());
        for (int i = 0; i < batch.size(); i++) {
            Outcome outcome = new Outcome(reports.getOrDefault(i, Map.of()), result.status() == 0 ? "" : result.output());
            outcomes.put(batch.get(i), outcome);
            if (outcome.error().isEmpty()) {
                keep(batch.get(i), outcome);
            }
        }
        return outcomes;
    }

    /** The namespace keeps functions apart, undefining keeps macros apart. */
    private static void append(StringBuilder text, int number, String source) {
        String linkage = "#define Q_KERNEL extern \"C\" __global__";
        if (!source.contains(linkage)) {
            throw new IllegalStateException("CUDA's prelude no longer says " + linkage);
        }
        text.append("namespace unit").append(number).append(" {\n").append(source.replace(linkage, "#define Q_KERNEL __global__"))
                .append("\n}\n");
        MACRO.matcher(source).results().map(match -> match.group(1)).distinct()
                .forEach(name -> text.append("#undef ").append(name).append('\n'));
    }

    private Process compile(Path folder, String text, String architecture) throws IOException {
        Path source = folder.resolve("batch.cu");
        Files.writeString(source, text);
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(CudaSource.OPTIONS);
        command.addAll(List.of("--cubin", "-Xptxas", "-v", "-gencode",
                "arch=compute_" + architecture.substring(3) + ",code=" + architecture, "-o", "batch.cubin", "batch.cu"));
        return run(folder, command);
    }

    /** What a program said, and how it ended. */
    private record Process(int status, String output) {
    }

    private static Process run(Path folder, List<String> command) {
        try {
            java.lang.Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Process(process.waitFor(), output);
        } catch (IOException e) {
            throw new IllegalStateException(command + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(command + " was interrupted", e);
        }
    }

    /** The assembler's report by number of the namespace and name of the kernel. */
    static Map<Integer, Map<String, KernelResources>> parse(String output) {
        Map<Integer, Map<String, KernelResources>> reports = new HashMap<>();
        int unit = -1;
        String kernel = "";
        int spilled = 0;
        for (String line : output.lines().toList()) {
            Matcher entry = ENTRY.matcher(line);
            Matcher spills = SPILLS.matcher(line);
            Matcher used = USED.matcher(line);
            if (entry.find()) {
                // _ZN5unit34nameE…: each name with its length in front.
                String mangled = entry.group(1).substring("_ZN".length());
                String space = counted(mangled);
                unit = Integer.parseInt(space.substring("unit".length()));
                kernel = counted(mangled.substring(mangled.indexOf(space) + space.length()));
                spilled = 0;
            } else if (spills.find()) {
                // Functions that are called and not inlined have lines of their own.
                spilled += Integer.parseInt(spills.group(1));
            } else if (used.find()) {
                Matcher shared = SHARED.matcher(line);
                reports.computeIfAbsent(unit, each -> new LinkedHashMap<>()).put(kernel, new KernelResources(
                        Integer.parseInt(used.group(1)), shared.find() ? Integer.parseInt(shared.group(1)) : 0, spilled));
            }
        }
        return reports;
    }

    private static String counted(String mangled) {
        int digits = 0;
        while (Character.isDigit(mangled.charAt(digits))) {
            digits++;
        }
        return mangled.substring(digits, digits + Integer.parseInt(mangled.substring(0, digits)));
    }

    private Path file(Unit unit) {
        String all = version + "\n" + CudaSource.OPTIONS + "\n" + unit.architecture() + "\n" + unit.source();
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
            return cache.resolve(HexFormat.of().formatHex(hash, 0, 16) + ".txt");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Optional<Outcome> cached(Unit unit) {
        Path file = file(unit);
        if (System.getProperty("quern.nvcc.cache", "on").equals("off") || !Files.exists(file)) {
            return Optional.empty();
        }
        try {
            Map<String, KernelResources> kernels = new LinkedHashMap<>();
            for (String line : Files.readAllLines(file)) {
                String[] words = line.split(" ");
                kernels.put(words[0], new KernelResources(Integer.parseInt(words[1]), Integer.parseInt(words[2]),
                        Integer.parseInt(words[3])));
            }
            Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.from(Instant.now()));
            return Optional.of(new Outcome(kernels, ""));
        } catch (IOException | RuntimeException e) {
            // A file that another run was just writing, or one of another format, is as good as none.
            return Optional.empty();
        }
    }

    private void keep(Unit unit, Outcome outcome) throws IOException {
        Files.createDirectories(cache);
        StringBuilder text = new StringBuilder();
        outcome.kernels().forEach((name, taken) -> text.append(name).append(' ').append(taken.registers()).append(' ')
                .append(taken.shared()).append(' ').append(taken.spilled()).append('\n'));
        Files.writeString(file(unit), text);
    }

    /** Drops what no run has asked for in a long time. */
    private void forget() {
        if (!Files.isDirectory(cache)) {
            return;
        }
        Instant oldest = Instant.now().minus(DAYS_KEPT, ChronoUnit.DAYS);
        try (Stream<Path> files = Files.list(cache)) {
            for (Path file : files.toList()) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(oldest)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(cache + ": " + e.getMessage(), e);
        }
    }
}
