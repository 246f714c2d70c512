package dev.quern.layers.data;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A file of unsigned bytes in the IDX format, plain or gzip: two zero bytes, the type 8, the rank, one big-endian
 * 32-bit extent a dimension, then the elements. LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
 */
record IdxFile(Path path, Shape shape, byte[] bytes) {
    private static final int UNSIGNED_BYTES = 0x0800;

    /**
     * Reads and checks a whole file.
     *
     * @param rank the rank it must have
     * @throws QuernException if the file cannot be read or is not a whole IDX file of this rank
     */
    static IdxFile read(Path path, int rank) {
        try (InputStream in = open(path)) {
            byte[] header = in.readNBytes(4 + 4 * rank);
            if (header.length < 4) {
                throw new QuernException(path + ": " + header.length + " bytes are no IDX file; is it a whole download?");
            }
            ByteBuffer fields = ByteBuffer.wrap(header);
            int magic = fields.getInt();
            if (magic != (UNSIGNED_BYTES | rank)) {
                throw new QuernException("%s: magic number 0x%08x, expected 0x%08x (IDX, unsigned bytes, rank %d)"
                        .formatted(path, magic, UNSIGNED_BYTES | rank, rank));
            }
            if (header.length < 4 + 4 * rank) {
                throw new QuernException(path + ": truncated in its header: " + header.length + " bytes, expected "
                        + (4 + 4 * rank) + "; download it again");
            }
            int[] extents = new int[rank];
            for (int axis = 0; axis < rank; axis++) {
                extents[axis] = fields.getInt();
                if (extents[axis] < 1) {
                    throw new QuernException(path + ": extent " + Integer.toUnsignedString(extents[axis])
                            + " of dimension " + axis + ", expected 1 to " + Integer.MAX_VALUE);
                }
            }
            return new IdxFile(path, Shape.of(extents), elements(path, in, Shape.of(extents)));
        } catch (EOFException e) {
            throw new QuernException(path + ": the gzip data are truncated; download it again", e);
        } catch (ZipException e) {
            throw new QuernException(path + ": the gzip data are damaged (" + e.getMessage() + "); download it again", e);
        } catch (IOException e) {
            throw new QuernException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static byte[] elements(Path path, InputStream in, Shape shape) throws IOException {
        if (shape.elements() > Integer.MAX_VALUE - 64) {
            throw new QuernException(path + ": " + shape + " elements are more than a Java array holds");
        }
        // The array grows with what is there: a damaged header cannot ask for more memory than the file has bytes.
        byte[] elements = in.readNBytes((int) shape.elements());
        if (elements.length < shape.elements()) {
            throw new QuernException(path + ": truncated: " + elements.length + " elements, expected "
                    + shape.elements() + " for " + shape + "; download it again");
        }
        if (in.read() >= 0) {
            throw new QuernException(path + ": longer than the " + shape.elements() + " elements of " + shape
                    + " that its header states");
        }
        return elements;
    }

    private static InputStream open(Path path) throws IOException {
        InputStream file = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
        if (!path.toString().endsWith(".gz")) {
            return file;
        }
        try {
            return new GZIPInputStream(file, 1 << 16);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }
}
