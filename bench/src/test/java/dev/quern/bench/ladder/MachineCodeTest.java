package dev.quern.bench.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineCodeTest {
    private static final byte[] MAGIC = {0x7f, 'E', 'L', 'F', 2, 1};

    @TempDir
    private Path folder;

    /** A header that says: two section headers of 64 bytes from byte 100 on. */
    private static byte[] image() {
        ByteBuffer image = ByteBuffer.allocate(228).order(ByteOrder.LITTLE_ENDIAN);
        image.put(MAGIC).putLong(40, 100).putShort(58, (short) 64).putShort(60, (short) 2);
        return image.array();
    }

    @Test
    void findsImagesAmongOtherBytes() {
        byte[] image = image();
        ByteBuffer binary = ByteBuffer.allocate(1000).put("poclbin".getBytes(StandardCharsets.US_ASCII)).position(33).put(image)
                .position(400).put(image);
        assertThat(MachineCode.images(binary.array())).containsExactly(image, image);
    }

    @Test
    void aCutOffImageIsNone() {
        byte[] cut = new byte[150];
        System.arraycopy(image(), 0, cut, 0, cut.length);
        assertThat(MachineCode.images(cut)).isEmpty();
        assertThat(MachineCode.images(MAGIC)).isEmpty();
    }

    @Test
    void textOfPtxStaysText() throws IOException {
        String ptx = "//\n.version 8.0\n.target sm_90\n";
        List<Path> files = MachineCode.write(ptx.getBytes(StandardCharsets.US_ASCII), folder, "kernel");
        assertThat(files).containsExactly(folder.resolve("kernel.ptx"));
        assertThat(files.getFirst()).hasContent(ptx.strip());
    }

    @Test
    void anInstructionCountsByItsWidestRegister() throws IOException {
        Path assembly = Files.writeString(folder.resolve("kernel.s"), """
                10: vfmadd231ps zmm1,zmm2,DWORD PTR [rax]{1to16}
                16: vextractf32x4 xmm3,zmm4,0x1
                1d: vaddps ymm0,ymm1,ymm2
                21: vmovss xmm0,DWORD PTR [rdi]
                25: add rax,0x40
                """);
        assertThat(MachineCode.widths(List.of(assembly))).contains("512 bit 2, 256 bit 1, 128 bit 1");
        assertThat(MachineCode.widths(List.of(folder.resolve("kernel.so")))).isEmpty();
    }
}
