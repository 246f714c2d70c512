package dev.quern.layers.data;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The records of CIFAR's binary versions: bytes of labels, the last of which counts, then 3072 pixels (red, green, blue; row by row).
 *
 * @param set        {@code CIFAR-10}
 * @param labelBytes bytes of labels of a record
 * @param classNames the classes
 */
record CifarRecords(String set, int labelBytes, List<String> classNames) {
    private static final Shape PICTURE = Shape.of(3, 32, 32);
    private static final int PIXELS = (int) PICTURE.elements();

    /** Reads files as one set. */
    ImageDataset read(String name, List<Path> files) {
        int record = labelBytes + PIXELS;
        List<byte[]> contents = files.stream().map(this::bytes).toList();
        int count = contents.stream().mapToInt(bytes -> bytes.length / record).sum();
        byte[] pixels = new byte[Math.multiplyExact(count, PIXELS)];
        byte[] labels = new byte[count];
        int sample = 0;
        for (int file = 0; file < files.size(); file++) {
            byte[] bytes = contents.get(file);
            for (int at = 0; at < bytes.length; at += record, sample++) {
                int label = Byte.toUnsignedInt(bytes[at + labelBytes - 1]);
                if (label >= classNames.size()) {
                    throw new QuernException(files.get(file) + ": label " + label + " of picture " + at / record + ", expected 0 to "
                            + (classNames.size() - 1) + "; is it the binary version of " + set + "?");
                }
                labels[sample] = (byte) label;
                System.arraycopy(bytes, at + labelBytes, pixels, sample * PIXELS, PIXELS);
            }
        }
        return new ImageDataset(name, PICTURE, classNames, pixels, labels, Normalisation.PICTURES);
    }

    private byte[] bytes(Path file) {
        int record = labelBytes + PIXELS;
        try {
            byte[] bytes = Files.readAllBytes(file);
            if (bytes.length == 0 || bytes.length % record != 0) {
                throw new QuernException(file + ": " + bytes.length + " bytes are not a whole number of records of " + record
                        + "; download it again");
            }
            return bytes;
        } catch (IOException e) {
            throw new QuernException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
