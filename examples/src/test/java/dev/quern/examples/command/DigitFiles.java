package dev.quern.examples.command;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Writes MNIST's four files with a few images: noise with a bright row that tells the class. */
final class DigitFiles {
    private static final int SIZE = 28;

    private DigitFiles() {
    }

    static void write(Path folder, int train, int test) throws IOException {
        Files.createDirectories(folder);
        part(folder, "train", train);
        part(folder, "t10k", test);
    }

    private static void part(Path folder, String prefix, int count) throws IOException {
        Random random = new Random(count);
        ByteBuffer images = ByteBuffer.allocate(16 + count * SIZE * SIZE).putInt(0x803).putInt(count).putInt(SIZE).putInt(SIZE);
        ByteBuffer labels = ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count);
        for (int i = 0; i < count; i++) {
            int label = random.nextInt(10);
            labels.put((byte) label);
            for (int pixel = 0; pixel < SIZE * SIZE; pixel++) {
                images.put((byte) (random.nextInt(60) + (pixel / SIZE == 2 * label + 4 ? 190 : 0)));
            }
        }
        Files.write(folder.resolve(prefix + "-images-idx3-ubyte"), images.array());
        Files.write(folder.resolve(prefix + "-labels-idx1-ubyte"), labels.array());
    }
}
