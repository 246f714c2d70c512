package dev.quern.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.quern.bench.ceiling.CeilingRun;
import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.probe.PtxProbe;
import dev.quern.bench.result.Environment;
import dev.quern.examples.command.DeviceOption;
import dev.quern.examples.command.OutputFile;
import dev.quern.runtime.Device;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code quern bench probe}: what a device is, what its compiler accepts and what it can do at most. */
@Command(name = "probe", mixinStandardHelpOptions = true,
        description = "Tell what a device's compiler accepts (extensions, PTX on NVIDIA) and measure its ceilings.")
final class ProbeCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DeviceOption deviceOption;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the findings to this file.")
    private Optional<Path> json;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        Optional<OutputFile> file = json.map(path -> OutputFile.require("--json", path));
        try (Device device = deviceOption.open(out)) {
            out.println("platform " + device.info().platform() + ", driver " + device.info().driver());
            out.println("extensions " + String.join(" ", device.info().extensions()));
            List<PtxProbe.Finding> findings = PtxProbe.run(device);
            findings.forEach(finding -> out.println(line(finding)));
            Ceilings ceilings = CeilingRun.measure(device);
            CeilingsCommand.print(out, ceilings);
            Environment environment = Environment.of(device, BenchCommand.home());
            file.ifPresent(target -> target.write(json(device, environment, ceilings, findings)));
        }
    }

    private static String line(PtxProbe.Finding finding) {
        if (!finding.accepted()) {
            return "ptx " + finding.instruction() + ": refused: " + finding.refusal();
        }
        return "ptx " + finding.instruction() + ": accepted" + (finding.flops().isEmpty() ? ""
                : String.format(Locale.ROOT, ", %.0f TFLOP/s", finding.flops().getAsDouble() * 1e-12));
    }

    private static String json(Device device, Environment environment, Ceilings ceilings, List<PtxProbe.Finding> findings) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text).useDefaultPrettyPrinter()) {
            json.writeStartObject();
            json.writeObjectFieldStart("environment");
            for (Map.Entry<String, String> fact : environment.facts().entrySet()) {
                json.writeStringField(fact.getKey(), fact.getValue());
            }
            json.writeEndObject();
            json.writeArrayFieldStart("extensions");
            for (String extension : device.info().extensions()) {
                json.writeString(extension);
            }
            json.writeEndArray();
            json.writeNumberField("copy_gbytes_per_s", ceilings.copy() * 1e-9);
            json.writeNumberField("read_gbytes_per_s", ceilings.read() * 1e-9);
            json.writeNumberField("gflops", ceilings.flops() * 1e-9);
            json.writeArrayFieldStart("ptx");
            for (PtxProbe.Finding finding : findings) {
                json.writeStartObject();
                json.writeStringField("instruction", finding.instruction());
                json.writeBooleanField("accepted", finding.accepted());
                json.writeStringField("refusal", finding.refusal());
                if (finding.flops().isPresent()) {
                    json.writeNumberField("tflops", finding.flops().getAsDouble() * 1e-12);
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }
}
