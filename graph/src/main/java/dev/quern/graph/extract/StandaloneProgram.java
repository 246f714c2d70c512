package dev.quern.graph.extract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.quern.graph.extract.ExtractedRegion.Buffer;
import dev.quern.graph.extract.ExtractedRegion.Place;
import dev.quern.graph.extract.ExtractedRegion.Result;
import dev.quern.graph.plan.PlanStep;
import dev.quern.runtime.Argument;
import dev.quern.runtime.DType;
import dev.quern.runtime.Grid;
import dev.quern.runtime.Launch;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Slice;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes a region as a folder that needs neither Quern nor Java: kernel texts to edit, inputs and expected results as plain bytes, and
 * {@code run.c}, which runs, compares and times them through any OpenCL.
 */
public final class StandaloneProgram {
    /** How to build and run it. */
    public static final String COMMAND = "cc -O2 -o run run.c -ldl -lm && ./run";
    private static final String RUNNER = "run_opencl.c";

    private final ExtractedRegion region;
    private final Map<Place, Integer> numbers = new LinkedHashMap<>();
    private final List<String> kernels = new ArrayList<>();
    private final List<String> contents = new ArrayList<>();
    private final List<String> expected = new ArrayList<>();

    private StandaloneProgram(ExtractedRegion region) {
        this.region = region;
        for (Buffer buffer : region.buffers()) {
            contents.add(buffer.content().isPresent() ? file("input", numbers.size(), buffer.name(), "bin") : "");
            numbers.put(buffer.place(), numbers.size());
        }
        for (Result result : region.results()) {
            expected.add(file("expected", expected.size(), result.name(), "bin"));
        }
        for (int i = 0; i < region.launches().size(); i++) {
            // Launches of one program share its file.
            int first = region.sources().indexOf(region.sources().get(i));
            kernels.add(first < i ? kernels.get(first) : file("kernel", i, region.step().launches().get(i).role(), "cl"));
        }
    }

    private static String file(String kind, int number, String name, String extension) {
        return String.format(Locale.ROOT, "%s-%d-%s.%s", kind, number, name.replaceAll("[^A-Za-z0-9_.]+", "-"), extension);
    }

    /**
     * Writes the folder.
     *
     * @param folder made if it is not there
     * @return the names of the files
     * @throws QuernException if it holds anything already, or cannot be written
     */
    public static List<String> write(ExtractedRegion region, Path folder) {
        requireEmpty(folder);
        return new StandaloneProgram(region).write(folder);
    }

    /**
     * Says before any work is done whether a folder can be written to.
     *
     * @throws QuernException if it is a file or holds anything
     */
    public static void requireEmpty(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        if (!Files.isDirectory(folder)) {
            throw new QuernException(folder + ": is a file; name a folder to write the region to");
        }
        try (Stream<Path> files = Files.list(folder)) {
            if (files.findAny().isPresent()) {
                throw new QuernException(folder + ": is not empty; name a new folder to write the region to");
            }
        } catch (IOException e) {
            throw new QuernException(folder + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private List<String> write(Path folder) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("run.c", (tables() + runner()).getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < kernels.size(); i++) {
            files.put(kernels.get(i), region.sources().get(i).getBytes(StandardCharsets.UTF_8));
        }
        for (int i = 0; i < contents.size(); i++) {
            if (region.buffers().get(i).content().isPresent()) {
                files.put(contents.get(i), region.buffers().get(i).content().get());
            }
        }
        for (int i = 0; i < expected.size(); i++) {
            files.put(expected.get(i), region.results().get(i).value().memory().toArray(ValueLayout.JAVA_BYTE));
        }
        try {
            files.put("manifest.json", manifest().getBytes(StandardCharsets.UTF_8));
            Files.createDirectories(folder);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Files.write(folder.resolve(file.getKey()), file.getValue());
            }
        } catch (IOException e) {
            throw new QuernException(folder + ": cannot be written: " + e.getMessage(), e);
        }
        return List.copyOf(files.keySet());
    }

    private static String runner() {
        try (InputStream in = StandaloneProgram.class.getResourceAsStream(RUNNER)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("resource " + RUNNER + " cannot be read", e);
        }
    }

    /** What differs from region to region, as tables in C. */
    private String tables() {
        PlanStep step = region.step();
        StringBuilder c = new StringBuilder();
        c.append("/*\n * Region ").append(comment(step.region())).append(": ").append(comment(step.problem())).append(" by ")
                .append(comment(step.variant() + " " + step.parameters())).append('\n');
        step.nodes().forEach(node -> c.append(" *   ").append(comment(node.name() + " " + node.op() + " (" + node.source() + ")")).append('\n'));
        c.append(" *\n * Edit the kernel texts beside this file, then: ").append(COMMAND).append("\n */\n");
        c.append("#include <dlfcn.h>\n#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n\n");
        c.append("#define REGION ").append(literal(step.region() + " by " + step.variant())).append('\n');
        c.append("#define DEVICE ").append(literal(region.device())).append('\n');
        c.append("#define OPTIONS \"-cl-std=CL1.2\"\n");
        c.append("/* The least work: each operand moved once. */\n");
        c.append("#define FLOPS ").append(step.cost().flops()).append('\n').append("#define MOVED ").append(step.cost().bytes()).append('\n');
        c.append("/* The largest relative error (root mean square) that passes. */\n#define TOLERANCE 1e-4\n\n");
        c.append("enum { BUFFERS = ").append(region.buffers().size()).append(", LAUNCHES = ").append(region.launches().size())
                .append(", OUTPUTS = ").append(region.results().size()).append(" };\n\n");
        c.append("struct buffer { const char *file; size_t bytes; int restored; };\n");
        c.append("struct argument { char kind; long long number; float real; };\n");
        c.append("struct launch { const char *file, *entry; size_t groups[3], group[3]; int arguments; const struct argument *argument; };\n");
        c.append("struct output { const char *name; int buffer; size_t bytes; int floats; const char *file; };\n\n");
        c.append("static const struct buffer BUFFER[] = {\n");
        for (int i = 0; i < region.buffers().size(); i++) {
            Buffer buffer = region.buffers().get(i);
            c.append("  {").append(contents.get(i).isEmpty() ? "NULL" : literal(contents.get(i))).append(", ").append(buffer.bytes()).append(", ")
                    .append(buffer.restored() ? 1 : 0).append("}, /* ").append(comment(buffer.name())).append(" */\n");
        }
        c.append("};\n\n/* b: a buffer, i and l: an int and a long, f: a float. */\n");
        for (int i = 0; i < region.launches().size(); i++) {
            c.append("static const struct argument ARGUMENTS_").append(i).append("[] = {");
            region.launches().get(i).arguments().forEach(argument -> c.append(argument(argument)).append(", "));
            c.append("};\n");
        }
        c.append("static const struct launch LAUNCH[] = {\n");
        for (int i = 0; i < region.launches().size(); i++) {
            Launch launch = region.launches().get(i);
            Grid grid = launch.grid();
            c.append("  {").append(literal(kernels.get(i))).append(", ").append(literal(launch.kernel().name())).append(", {")
                    .append(grid.groupsX()).append(", ").append(grid.groupsY()).append(", ").append(grid.groupsZ()).append("}, {")
                    .append(grid.localX()).append(", ").append(grid.localY()).append(", ").append(grid.localZ()).append("}, ")
                    .append(launch.arguments().size()).append(", ARGUMENTS_").append(i).append("},\n");
        }
        c.append("};\n\nstatic const struct output OUTPUT[] = {\n");
        for (int i = 0; i < region.results().size(); i++) {
            Result result = region.results().get(i);
            c.append("  {").append(literal(result.name())).append(", ").append(numbers.get(result.place())).append(", ")
                    .append(result.value().memory().byteSize()).append(", ").append(result.value().dtype() == DType.F32 ? 1 : 0).append(", ")
                    .append(literal(expected.get(i))).append("},\n");
        }
        return c.append("};\n\n").toString();
    }

    private String argument(Argument argument) {
        return switch (argument) {
            case Slice slice -> "{'b', " + numbers.get(Place.of(slice)) + ", 0}";
            case Argument.I32(int value) -> "{'i', " + value + ", 0}";
            case Argument.I64(long value) -> "{'l', " + value + "LL, 0}";
            case Argument.F32(float value) -> "{'f', 0, " + (Float.isNaN(value) ? "NAN" : Float.isInfinite(value)
                    ? (value < 0 ? "-INFINITY" : "INFINITY") : Float.toHexString(value) + "f") + "}";
        };
    }

    private static String literal(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\R", " ") + "\"";
    }

    private static String comment(String text) {
        return text.replace("*/", "* /").replace("/*", "/ *").replaceAll("\\R", " ");
    }

    private String manifest() throws IOException {
        PlanStep step = region.step();
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
            json.writeStartObject();
            json.writeStringField("region", step.region());
            json.writeStringField("plan", region.plan());
            json.writeStringField("device", region.device());
            json.writeStringField("problem", step.problem());
            json.writeStringField("variant", step.family() + "/" + step.variant());
            json.writeStringField("parameters", step.parameters().toString());
            json.writeArrayFieldStart("nodes");
            for (PlanStep.PlanNode node : step.nodes()) {
                json.writeStartObject();
                json.writeStringField("name", node.name());
                json.writeStringField("op", node.op());
                json.writeStringField("line", node.source());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("buffers");
            for (int i = 0; i < region.buffers().size(); i++) {
                json.writeStartObject();
                json.writeStringField("holds", region.buffers().get(i).name());
                json.writeNumberField("bytes", region.buffers().get(i).bytes());
                json.writeStringField("file", contents.get(i));
                json.writeBooleanField("in_place", region.buffers().get(i).restored());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("launches");
            for (int i = 0; i < region.launches().size(); i++) {
                Launch launch = region.launches().get(i);
                json.writeStartObject();
                json.writeStringField("role", step.launches().get(i).role());
                json.writeStringField("file", kernels.get(i));
                json.writeStringField("entry", launch.kernel().name());
                json.writeStringField("grid", launch.grid().toString());
                json.writeArrayFieldStart("arguments");
                for (Argument argument : launch.arguments()) {
                    json.writeString(argument instanceof Slice slice ? "buffer " + numbers.get(Place.of(slice)) : argument.toString());
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("results");
            for (int i = 0; i < region.results().size(); i++) {
                json.writeStartObject();
                json.writeStringField("value", region.results().get(i).name());
                json.writeStringField("type", region.results().get(i).value().toString());
                json.writeNumberField("buffer", numbers.get(region.results().get(i).place()));
                json.writeStringField("expected", expected.get(i));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return text + "\n";
    }
}
