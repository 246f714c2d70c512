package dev.quern.kernels.softmax;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Softmax and cross-entropy in one: the mean over rows of -sum(t * log softmax(logits)), and on request its gradient with
 * respect to the logits, (softmax(logits) - t) / rows. The target t of a row puts 1 - s on its label and s / classes on
 * every class, where s is the label smoothing (Szegedy et al., 2016). A row whose label is {@link #IGNORED} has no loss and
 * no gradient, and the mean is over the others; the mean of no rows is NaN. Any other label outside [0, classes) makes the loss
 * and its row's gradient NaN; it is never used as an index.
 *
 * @param rows           how many samples, at least 1
 * @param classes        how many classes, at least 1
 * @param labelSmoothing s, in [0, 1]
 * @param withGradient   whether the gradient is an output too
 * @param dtype          the storage type of logits and gradient: F32, F16 or BF16
 */
public record CrossEntropyProblem(int rows, int classes, float labelSmoothing, boolean withGradient, DType dtype)
        implements Problem {
    /** The label of a row that does not count: PyTorch's default {@code ignore_index}. */
    public static final int IGNORED = -100;
    /** The position of the logits [rows, classes], among the operands. */
    public static final int LOGITS = 0;
    /** The position of the labels, I32 [rows], among the operands. */
    public static final int LABELS = 1;
    /** The position of the loss, an F32 scalar, among the operands. */
    public static final int LOSS = 2;
    /** The position of the gradient [rows, classes], among the operands, if there is one. */
    public static final int GRADIENT = 3;

    public CrossEntropyProblem {
        String text = "softmax-cross-entropy of logits [" + rows + ", " + classes + "]";
        if (rows < 1 || classes < 1) {
            throw new QuernException(text + ": every extent must be at least 1");
        }
        if ((double) rows * classes > Integer.MAX_VALUE) {
            throw new QuernException(text + ": more than 2^31 - 1 elements; split the rows");
        }
        if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
            throw new QuernException(text + ": label smoothing " + labelSmoothing + " must be in [0, 1]");
        }
        RowView.storage(text, dtype);
    }

    /** In F32. */
    public CrossEntropyProblem(int rows, int classes, float labelSmoothing, boolean withGradient) {
        this(rows, classes, labelSmoothing, withGradient, DType.F32);
    }

    /** This with another storage type. */
    public CrossEntropyProblem storedAs(DType type) {
        return new CrossEntropyProblem(rows, classes, labelSmoothing, withGradient, type);
    }

    @Override
    public String family() {
        return "softmax-cross-entropy";
    }

    @Override
    public List<Operand> operands() {
        Shape shape = Shape.of(rows, classes);
        List<Operand> operands = new ArrayList<>(List.of(Operand.input("logits", dtype, shape),
                Operand.input("labels", DType.I32, Shape.of(rows)), Operand.output("loss", DType.F32, Shape.scalar())));
        if (withGradient) {
            operands.add(Operand.output("gradient", dtype, shape));
        }
        return List.copyOf(operands);
    }

    /** Four operations an element for the loss, three more for the gradient. */
    @Override
    public Cost cost() {
        return Cost.of((withGradient ? 7.0 : 4.0) * rows * classes, operands());
    }

    /** For example {@code softmax-cross-entropy f32 64x10 gradient}. */
    @Override
    public String key() {
        return "softmax-cross-entropy " + dtype.name().toLowerCase(Locale.ROOT) + " " + rows + "x" + classes + (withGradient ? " gradient" : "")
                + (labelSmoothing == 0 ? "" : String.format(Locale.ROOT, " smoothing=%s", labelSmoothing));
    }
}
