package dev.quern.layers.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Named tensors and text metadata in the safetensors format: eight bytes with the header's length (little-endian), a
 * JSON header with each tensor's {@code dtype}, {@code shape} and {@code data_offsets}, then the elements, row-major and
 * little-endian. Source: the format's description in its reference implementation's README.
 *
 * @param metadata text by name
 * @param tensors  tensors by name
 */
public record Safetensors(SortedMap<String, String> metadata, SortedMap<String, HostTensor> tensors) {
    static final String METADATA = "__metadata__";

    /** Copies the maps; the tensors are not copied. */
    public Safetensors {
        metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
        tensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors));
    }

    /** See the canonical constructor. */
    public static Safetensors of(Map<String, String> metadata, Map<String, HostTensor> tensors) {
        return new Safetensors(new TreeMap<>(metadata), new TreeMap<>(tensors));
    }

    /**
     * Reads and checks a whole file.
     *
     * @throws QuernException if the file cannot be read, or is not a well-formed safetensors file of known types
     */
    public static Safetensors read(Path path) {
        requireLittleEndian();
        return SafetensorsReader.read(path);
    }

    /**
     * Writes the file so that at every moment the path holds either what it held before or the whole new content: the
     * bytes go to a temporary file in the same folder, are forced to the disk, and take the name in one step. Equal
     * content gives equal bytes.
     *
     * @throws QuernException if the folder or the disk refuses; the path is then as before
     */
    public void write(Path path) {
        requireLittleEndian();
        requireWritable(path);
        Path folder = folder(path);
        Path temporary = folder.resolve("." + path.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                for (ByteBuffer part : parts()) {
                    while (part.hasRemaining()) {
                        channel.write(part);
                    }
                }
                channel.force(true);
            }
            move(temporary, path);
            forceFolder(folder);
        } catch (IOException e) {
            throw new QuernException(path + ": cannot be written: " + reason(e), e);
        } finally {
            delete(temporary);
        }
    }

    /**
     * Says before any work is done whether a later {@link #write} to this path can succeed.
     *
     * @throws QuernException if the folder is missing or cannot be written, or the path is a folder
     */
    public static void requireWritable(Path path) {
        Path folder = folder(path);
        if (!Files.isDirectory(folder)) {
            throw new QuernException(path + ": cannot be written: folder " + folder + " does not exist; make it first");
        }
        if (Files.isDirectory(path)) {
            throw new QuernException(path + ": cannot be written: it is a folder; name a file");
        }
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new QuernException(path + ": cannot be written: it is a device or a pipe, not a file that could be replaced");
        }
        if (!Files.isWritable(folder)) {
            throw new QuernException(path + ": cannot be written: folder " + folder + " is not writable");
        }
    }

    private List<ByteBuffer> parts() {
        // Wider elements first, so that every tensor is aligned to its own type; then by name.
        List<String> names = new ArrayList<>(tensors.keySet());
        names.sort(Comparator.comparingInt((String name) -> -tensors.get(name).dtype().bytes())
                .thenComparing(Comparator.naturalOrder()));
        byte[] header = header(names);
        int padded = (header.length + 7) / 8 * 8;
        byte[] spaces = new byte[padded - header.length];
        Arrays.fill(spaces, (byte) ' ');
        List<ByteBuffer> parts = new ArrayList<>();
        parts.add(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).flip());
        parts.add(ByteBuffer.wrap(header));
        parts.add(ByteBuffer.wrap(spaces));
        for (String name : names) {
            parts.add(ByteBuffer.wrap(tensors.get(name).memory().toArray(ValueLayout.JAVA_BYTE)));
        }
        return parts;
    }

    private byte[] header(List<String> names) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(METADATA);
                for (Map.Entry<String, String> entry : metadata.entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long offset = 0;
            for (String name : names) {
                HostTensor tensor = tensors.get(name);
                json.writeObjectFieldStart(name);
                json.writeStringField("dtype", tensor.dtype().name());
                json.writeArrayFieldStart("shape");
                for (int extent : tensor.shape().toArray()) {
                    json.writeNumber(extent);
                }
                json.writeEndArray();
                json.writeArrayFieldStart("data_offsets");
                json.writeNumber(offset);
                offset += tensor.memory().byteSize();
                json.writeNumber(offset);
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    private static Path folder(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null || path.getFileName() == null) {
            throw new QuernException(path + ": cannot be written: it is a folder; name a file");
        }
        return parent;
    }

    private static void move(Path temporary, Path path) throws IOException {
        try {
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(temporary, path, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Makes the new name itself durable, where the system lets a folder be forced. */
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows opens no folders; there the rename alone has to do.
            return;
        }
    }

    private static void delete(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // What could not be written can often not be deleted either; the first error is the one to report.
            return;
        }
    }

    static String reason(IOException e) {
        String kind = e.getClass().getSimpleName().replace("Exception", "");
        return e.getMessage() == null ? kind : kind + ": " + e.getMessage();
    }

    private static void requireLittleEndian() {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new QuernException("safetensors files hold little-endian numbers, and this machine is big-endian; "
                    + "Quern does not convert them");
        }
    }

    /** Lists tensors as {@code name dtype[shape]}, without their elements. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("Safetensors").append(metadata);
        tensors.forEach((name, tensor) -> text.append(' ').append(name).append(' ').append(tensor));
        return text.toString();
    }
}
