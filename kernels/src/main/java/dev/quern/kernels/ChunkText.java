package dev.quern.kernels;

import dev.quern.runtime.DType;
import dev.quern.runtime.KernelText;

/**
 * How the text of a CUDA kernel moves several neighbouring elements with one instruction: {@code chunks.h}, whose functions take
 * a tag for the storage type. The twin of {@link StorageText}'s vectors.
 */
public final class ChunkText {
    /** Bytes that a thread moves with one instruction at most. */
    public static final int BYTES = 16;

    private ChunkText() {
    }

    /** The functions, to put before the text of a kernel. */
    public static String functions() {
        return KernelResource.text(ChunkText.class, "chunks.h");
    }

    /** A kernel's text with the functions before it. */
    public static KernelText before(KernelText text) {
        return text.behind(functions());
    }

    /**
     * The type of a storage type's tag.
     *
     * @param dtype F32, F16 or BF16
     */
    public static String tag(DType dtype) {
        return switch (dtype) {
            case F32 -> "q_f32";
            case F16 -> "q_f16";
            case BF16 -> "q_bf16";
            case F64, I32, I64, U8, BOOL -> throw new IllegalArgumentException("chunks of " + dtype + "; there are F32, F16 and BF16");
        };
    }

    /** The most elements, a power of two, of which whole chunks make up a row of {@code row} elements. */
    public static int lanes(DType dtype, long row) {
        return (int) Math.min(BYTES / dtype.bytes(), Long.lowestOneBit(row));
    }
}
