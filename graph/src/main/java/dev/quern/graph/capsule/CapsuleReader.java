package dev.quern.graph.capsule;

import dev.quern.graph.ir.Graph;
import dev.quern.graph.json.JsonTree;
import dev.quern.graph.json.RecordJson;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Reads a capsule whole, trusting nothing that it says. */
final class CapsuleReader {
    private final Path path;
    private final ZipFile zip;

    private CapsuleReader(Path path, ZipFile zip) {
        this.path = path;
        this.zip = zip;
    }

    static Capsule read(Path path) {
        if (!Files.exists(path)) {
            throw new QuernException(path + ": does not exist");
        }
        if (Files.isDirectory(path)) {
            throw new QuernException(path + ": is a folder, expected a capsule");
        }
        try (ZipFile zip = new ZipFile(path.toFile())) {
            return new CapsuleReader(path, zip).read();
        } catch (ZipException e) {
            throw new QuernException(path + ": is no capsule, or a truncated or damaged one: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new QuernException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private Capsule read() throws IOException {
        if (zip.getEntry(Manifest.ENTRY) == null) {
            throw new QuernException(path + ": is no capsule: it has no " + Manifest.ENTRY);
        }
        Map<String, Object> tree = tree(new String(bytes(Manifest.ENTRY), StandardCharsets.UTF_8));
        if (!(tree.get("capsule") instanceof Double format)) {
            throw new QuernException(path + ": is no capsule: its " + Manifest.ENTRY + " names no format");
        }
        if (format != Manifest.FORMAT) {
            throw new QuernException(path + ": is a capsule of format " + format.longValue() + ", this Quern reads format "
                    + Manifest.FORMAT + "; record it again");
        }
        Manifest manifest;
        Graph graph;
        try {
            manifest = RecordJson.read(Manifest.class, tree);
            graph = manifest.graph().graph();
        } catch (RuntimeException e) {
            // What an op makes of operands that no builder let through can be anything.
            throw damaged(Manifest.ENTRY + ": " + e.getMessage(), e);
        }
        Map<String, SortedMap<String, HostTensor>> folders = new TreeMap<>();
        for (Manifest.TensorEntry tensor : manifest.tensors()) {
            folders.computeIfAbsent(tensor.folder(), _ -> new TreeMap<>()).put(tensor.name(), tensor(tensor));
        }
        List<KernelText> kernels = new ArrayList<>();
        for (Manifest.KernelEntry kernel : manifest.kernels()) {
            kernels.add(kernel.text(new String(checked(kernel.entry(), kernel.sha256()), StandardCharsets.UTF_8)));
        }
        Manifest.Where device = manifest.device();
        return new Capsule(manifest.note(), graph, manifest.options().options(), new Capsule.Made(device.id(), device.name(),
                device.platform(), device.driver(), manifest.plan().hash(), manifest.plan().regions(), kernels),
                folder(folders, "inputs"), folder(folders, "before"), folder(folders, "outputs"), folder(folders, "after"));
    }

    private static SortedMap<String, HostTensor> folder(Map<String, SortedMap<String, HostTensor>> folders, String name) {
        return folders.getOrDefault(name, new TreeMap<>());
    }

    private Map<String, Object> tree(String text) {
        try {
            return JsonTree.read(text);
        } catch (IOException e) {
            throw damaged(Manifest.ENTRY + " is not JSON", e);
        }
    }

    private HostTensor tensor(Manifest.TensorEntry tensor) throws IOException {
        byte[] bytes = checked(tensor.entry(), tensor.sha256());
        if (bytes.length != tensor.type().bytes()) {
            throw damaged(tensor.entry() + " has " + bytes.length + " bytes, but " + tensor.name() + " is " + tensor.type(), null);
        }
        // Copied as bytes into memory that is aligned for its type.
        HostTensor made = HostTensor.zeros(tensor.type().dtype(), tensor.type().shape());
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, made.memory(), 0, bytes.length);
        return made;
    }

    private byte[] checked(String entry, String sha256) throws IOException {
        byte[] bytes = bytes(entry);
        if (!Manifest.sha256(bytes).equals(sha256)) {
            throw damaged(entry + " is not what was written", null);
        }
        return bytes;
    }

    private byte[] bytes(String name) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw damaged("it lacks " + name, null);
        }
        byte[] bytes;
        try (InputStream in = zip.getInputStream(entry)) {
            bytes = in.readAllBytes();
        }
        CRC32 check = new CRC32();
        check.update(bytes);
        if (check.getValue() != entry.getCrc()) {
            throw damaged(name + " is not what was written", null);
        }
        return bytes;
    }

    private QuernException damaged(String what, Throwable cause) {
        return new QuernException(path + ": damaged: " + what, cause);
    }
}
