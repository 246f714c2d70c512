package dev.quern.graph.capsule;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.quern.graph.ir.GraphRecord;
import dev.quern.graph.json.RecordJson;
import dev.quern.graph.op.TensorType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.QuernException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes a capsule. Entries are stored, not compressed, with one and the same time, so that equal capsules are equal bytes anywhere. */
final class CapsuleWriter {
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private final Capsule capsule;
    private final List<Manifest.TensorEntry> tensors = new ArrayList<>();
    private final List<Manifest.KernelEntry> kernels = new ArrayList<>();

    CapsuleWriter(Capsule capsule) {
        this.capsule = capsule;
    }

    void write(OutputStream out) throws IOException {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new QuernException("capsules hold little-endian numbers, and this machine is big-endian; Quern does not convert them");
        }
        capsule.folders().forEach((folder, content) -> content.forEach((name, tensor) -> tensors.add(new Manifest.TensorEntry(folder, name,
                new TensorType(tensor.dtype(), tensor.shape()), entry(folder, tensors.size(), name, tensor.dtype().name()),
                Manifest.sha256(bytes(tensor))))));
        for (KernelText text : capsule.made().kernels()) {
            List<Manifest.Define> defines = text.defines().entrySet().stream()
                    .map(define -> new Manifest.Define(define.getKey(), define.getValue())).toList();
            kernels.add(new Manifest.KernelEntry(text.name(), text.dialect(), defines,
                    entry("kernels", kernels.size(), text.name(), text.dialect().name()), Manifest.sha256(bytes(text))));
        }
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            put(zip, Manifest.ENTRY, manifest());
            int next = 0;
            for (SortedMap<String, HostTensor> content : capsule.folders().values()) {
                for (HostTensor tensor : content.values()) {
                    put(zip, tensors.get(next++).entry(), bytes(tensor));
                }
            }
            for (int i = 0; i < kernels.size(); i++) {
                put(zip, kernels.get(i).entry(), bytes(capsule.made().kernels().get(i)));
            }
        }
    }

    /** For people who unpack the file; the number makes it unique. */
    private static String entry(String folder, int number, String name, String extension) {
        return String.format(Locale.ROOT, "%s/%03d-%s.%s", folder, number, name.replaceAll("[^A-Za-z0-9_.-]+", "-"),
                extension.toLowerCase(Locale.ROOT));
    }

    private static byte[] bytes(HostTensor tensor) {
        return tensor.memory().toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] bytes(KernelText text) {
        return text.text().getBytes(StandardCharsets.UTF_8);
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setTimeLocal(TIME);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        CRC32 check = new CRC32();
        check.update(content);
        entry.setCrc(check.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    private byte[] manifest() throws IOException {
        Capsule.Made made = capsule.made();
        Manifest manifest = new Manifest(Manifest.FORMAT, capsule.note(), Manifest.Options.of(capsule.options()),
                new Manifest.Where(made.device(), made.deviceName(), made.platform(), made.driver()),
                new Manifest.Compiled(made.hash(), made.regions()), tensors, kernels, GraphRecord.of(capsule.graph()));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes).useDefaultPrettyPrinter()) {
            RecordJson.write(json, Manifest.class, manifest);
        }
        return new String(bytes.toByteArray(), StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n")
                .getBytes(StandardCharsets.UTF_8);
    }
}
