package dev.quern.layers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @TempDir
    Path folder;

    private static Safetensors sample() {
        TreeMap<String, HostTensor> tensors = new TreeMap<>();
        tensors.put("0.weight", HostTensor.of(Shape.of(2, 3), 1f, -0f, Float.NaN, Float.MIN_VALUE, 5f,
                Float.intBitsToFloat(0x7fc12345)));
        tensors.put("labels", HostTensor.of(Shape.of(2), 3, -4));
        for (DType dtype : DType.values()) {
            HostTensor tensor = HostTensor.zeros(dtype, Shape.of(3));
            tensor.set(1, 1);
            tensors.put("every." + dtype, tensor);
        }
        tensors.put("scalar", HostTensor.of(Shape.scalar(), 0.1f));
        tensors.put("empty", HostTensor.zeros(DType.F32, Shape.of(0, 4)));
        return Safetensors.of(Map.of("model", "lenet", "quote", "\"é\"\n"), tensors);
    }

    @Test
    void everyTypeComesBackBitForBit() {
        Path path = folder.resolve("a.safetensors");
        Safetensors written = sample();
        written.write(path);
        Safetensors read = Safetensors.read(path);
        assertThat(read.metadata()).isEqualTo(written.metadata());
        assertThat(read.tensors().keySet()).isEqualTo(written.tensors().keySet());
        written.tensors().forEach((name, tensor) -> {
            assertThat(read.tensors().get(name).dtype()).isEqualTo(tensor.dtype());
            assertThat(read.tensors().get(name).shape()).isEqualTo(tensor.shape());
            assertThat(read.tensors().get(name).memory().mismatch(tensor.memory())).as(name).isEqualTo(-1);
        });
    }

    @Test
    void equalContentGivesEqualBytesAndAnAlignedHeader() throws IOException {
        sample().write(folder.resolve("a"));
        sample().write(folder.resolve("b"));
        byte[] bytes = Files.readAllBytes(folder.resolve("a"));
        assertThat(Files.readAllBytes(folder.resolve("b"))).isEqualTo(bytes);
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8).isZero();
    }

    @Test
    void aRewriteReplacesTheFileAndLeavesNoOther() throws IOException {
        Path path = folder.resolve("a");
        Files.writeString(path, "old");
        sample().write(path);
        assertThat(Safetensors.read(path).metadata()).containsEntry("model", "lenet");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(path);
        }
    }

    @Test
    void aMissingFolderOrAFolderAsTargetIsRefused() {
        assertThatThrownBy(() -> sample().write(folder.resolve("none/a"))).isInstanceOf(QuernException.class)
                .hasMessageContainingAll("none", "does not exist");
        assertThatThrownBy(() -> sample().write(folder)).isInstanceOf(QuernException.class)
                .hasMessageContaining("it is a folder");
    }

    @Test
    void aDiskThatRefusesLeavesTheOldFileWhole() throws IOException {
        Path path = folder.resolve("a");
        Files.writeString(path, "old");
        // A folder of the temporary file's name makes the write fail, whoever runs the test.
        Files.createDirectories(folder.resolve(".a." + ProcessHandle.current().pid() + ".tmp/full"));
        assertThatThrownBy(() -> sample().write(path)).isInstanceOf(QuernException.class)
                .hasMessageContaining("cannot be written").hasMessageNotContaining("\n");
        assertThat(Files.readString(path)).isEqualTo("old");
    }

    @Test
    void everyTruncationIsRefusedWithOneLine() throws IOException {
        Path path = folder.resolve("a");
        sample().write(path);
        byte[] whole = Files.readAllBytes(path);
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(path, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Safetensors.read(path)).as("%d bytes", length)
                    .isInstanceOf(QuernException.class).hasMessageStartingWith(path.toString())
                    .hasMessageNotContaining("\n");
        }
        Files.write(path, Arrays.copyOf(whole, whole.length + 1));
        assertThatThrownBy(() -> Safetensors.read(path)).hasMessageContaining("something is appended");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | begins at byte 4 of the data, expected 8",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | begins at byte 4 of the data, expected 0",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}} | has 8 bytes, expected 12 for F32[3]",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}} | data_offsets [8, 0]",
        "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}} | truncated: 8 bytes of data, expected 16",
        "{'a':{'dtype':'F8_E4M3','shape':[8],'data_offsets':[0,8]}} | has the type F8_E4M3; known are",
        "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}} | shape of tensor a holds -2",
        "{'a':{'dtype':'F32','shape':[2147483647,2147483647,9],'data_offsets':[0,8]}} | is too large",
        "{'a':{'dtype':'F32','shape':[99999999999],'data_offsets':[0,8]}} | extent of 99999999999",
        "{'a':{'dtype':'F32','shape':[2]}} | lacks its dtype, shape or data_offsets",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'extra':1}} | unknown field extra",
        "{'a':{'dtype':'F32','shape':'2','data_offsets':[0,8]}} | shape of tensor a is VALUE_STRING",
        "{'a':7} | a is VALUE_NUMBER_INT in its JSON header, expected START_OBJECT",
        "{'__metadata__':{'epoch':3}} | metadata epoch is VALUE_NUMBER_INT",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'a':{'dtype':'F32','shape':[0],'data_offsets':[8,8]}} | Duplicate field 'a'",
        "{'a' | its header is not valid JSON",
        "{} {} | goes on after the JSON object",
        "[1] | not JSON",
    })
    void aDamagedHeaderIsRefusedWithWhatIsWrong(String header, String message) throws IOException {
        Path path = folder.resolve("bad");
        byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        Files.write(path, ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length)
                .put(json).array());
        assertThatThrownBy(() -> Safetensors.read(path)).isInstanceOf(QuernException.class)
                .hasMessageContaining(message).hasMessageNotContaining("\n");
    }

    @Test
    void aHeaderLengthThatIsNoLengthIsRefused() throws IOException {
        Path path = folder.resolve("bad");
        Files.write(path, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, '{', '}'});
        assertThatThrownBy(() -> Safetensors.read(path)).hasMessageContaining("it is no safetensors file");
        assertThatThrownBy(() -> Safetensors.read(folder)).hasMessageContaining("is a folder");
        assertThatThrownBy(() -> Safetensors.read(folder.resolve("none"))).hasMessageContaining("does not exist");
    }
}
