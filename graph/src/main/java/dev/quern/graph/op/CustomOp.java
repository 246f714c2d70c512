package dev.quern.graph.op;

import dev.quern.graph.json.Written;
import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.custom.Computation;
import dev.quern.kernels.custom.CustomKernel;
import dev.quern.kernels.custom.CustomProblem;
import dev.quern.runtime.Argument;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * An operation of the user's own: its types, what it means in Java, kernels for devices, and its gradient. Where a device has no kernel
 * of it, the Java computation runs on the host device alone. Make it once and keep it: two calls of {@link #named} are two operations.
 *
 * <pre>{@code
 * static final CustomOp CUBE = CustomOp.named("cube", inputs -> List.of(inputs.getFirst()), (inputs, outputs) -> {
 *         for (long i = 0; i < inputs.getFirst().shape().elements(); i++) {
 *             outputs.getFirst().set(i, Math.pow(inputs.getFirst().get(i), 3));
 *         }
 *     })
 *     .kernel(Dialect.PORTABLE, "cube", """
 *         Q_KERNEL void cube(Q_GLOBAL const float* x, Q_GLOBAL float* y, const int n) {
 *             const int i = (int) Q_GLOBAL_ID(0);
 *             if (i < n) { y[i] = x[i] * x[i] * x[i]; }
 *         }""", (inputs, outputs) -> CustomOp.overElements(outputs.getFirst()))
 *     .gradient(backward -> {
 *         Emitter emit = backward.emit();
 *         Value x = backward.input(0);
 *         backward.to(0, emit.mul(backward.gradient(), emit.mul(emit.constant(3), emit.mul(x, x))));
 *     });
 *
 * Value y = graph.custom(CUBE, x);
 * }</pre>
 */
public final class CustomOp implements Op, Written<CustomForm> {
    private static final int GROUP = 64;

    private final String label;
    private final UnaryOperator<List<TensorType>> types;
    private final Optional<Computation> computation;
    private final List<Text> texts;
    private final Consumer<Backward> gradient;
    private final Optional<CustomForm> form;

    /** A kernel's text and how it is launched over given types. */
    private record Text(KernelText text, String entry, BiFunction<List<TensorType>, List<TensorType>, CustomLaunch> launch) {
    }

    /**
     * How a kernel is launched.
     *
     * @param grid    the groups and their size
     * @param numbers what the kernel gets behind the pointers to its inputs and outputs
     */
    public record CustomLaunch(Grid grid, List<Argument> numbers) {
        /** A launch with these 32-bit integers. */
        public CustomLaunch(Grid grid, int... integers) {
            this(grid, Arrays.stream(integers).<Argument>mapToObj(Argument.I32::new).toList());
        }
    }

    private CustomOp(String label, UnaryOperator<List<TensorType>> types, Optional<Computation> computation, List<Text> texts,
            Consumer<Backward> gradient, Optional<CustomForm> form) {
        this.label = label;
        this.types = types;
        this.computation = computation;
        this.texts = List.copyOf(texts);
        this.gradient = gradient;
        this.form = form;
    }

    /**
     * An operation without kernels and without a gradient.
     *
     * @param label       a short lower-case name
     * @param types       the types of the outputs, given those of the inputs; throws {@link IllegalOperandException} for inputs that the
     *                    operation does not take
     * @param computation what it means
     */
    public static CustomOp named(String label, UnaryOperator<List<TensorType>> types, Computation computation) {
        return new CustomOp(label, types, Optional.of(computation), List.of(), backward -> {
            throw new IllegalOperandException(label + " has no gradient: give it one with gradient(…), or stop it with stopGradient");
        }, Optional.empty());
    }

    /**
     * The same with a kernel for devices that run a dialect. The kernel gets a pointer for each input, one for each output, then the
     * launch's numbers.
     *
     * @param dialect what the text is written in; {@link Dialect#PORTABLE} runs on OpenCL and CUDA
     * @param entry   the kernel's name
     * @param text    the program
     * @param launch  how to launch it, given the types of inputs and outputs
     */
    public CustomOp kernel(Dialect dialect, String entry, String text,
            BiFunction<List<TensorType>, List<TensorType>, CustomLaunch> launch) {
        List<Text> more = new ArrayList<>(texts);
        more.add(new Text(text(label, dialect, text), entry, launch));
        return new CustomOp(label, types, computation, more, gradient, Optional.empty());
    }

    /** The same with a gradient: a rule that emits ordinary nodes, or other custom ones. */
    public CustomOp gradient(Consumer<Backward> rule) {
        return new CustomOp(label, types, computation, texts, rule, Optional.empty());
    }

    /**
     * The same for certain types alone, so that it can be written down.
     *
     * @throws QuernException if it has no kernel, so that nothing could run what was written
     */
    public CustomOp on(List<TensorType> inputs, List<TensorType> outputs) {
        if (texts.isEmpty()) {
            throw new QuernException("is an operation of the user's own without a kernel's text; its Java code cannot be written down");
        }
        List<CustomForm.Kernel> kernels = texts.stream().map(each -> {
            CustomLaunch launch = each.launch().apply(inputs, outputs);
            return new CustomForm.Kernel(each.text().dialect(), each.entry(), each.text().text(), launch.grid(),
                    launch.numbers().stream().map(CustomForm.Number::of).toList());
        }).toList();
        return new CustomOp(label, types, computation, texts, gradient, Optional.of(new CustomForm(label, inputs, outputs, kernels)));
    }

    @Override
    public CustomForm form() {
        return form.orElseThrow(() -> new QuernException("is code of its own, which cannot be written down but for certain types"));
    }

    /** The operation that was written down: for its types alone, with its kernels alone. */
    static CustomOp restored(CustomForm form) {
        List<Text> texts = form.kernels().stream().map(each -> new Text(text(form.label(), each.dialect(), each.text()), each.entry(),
                (_, _) -> new CustomLaunch(each.grid(), each.numbers().stream().map(CustomForm.Number::argument).toList()))).toList();
        return new CustomOp(form.label(), inputs -> {
            if (!inputs.equals(form.inputs())) {
                throw new IllegalOperandException("was written down for " + form.inputs() + ", not for " + inputs);
            }
            return form.outputs();
        }, Optional.empty(), texts, backward -> {
            throw new IllegalOperandException(form.label() + " was written down without its gradient");
        }, Optional.of(form));
    }

    private static KernelText text(String label, Dialect dialect, String text) {
        return KernelText.of(CustomProblem.FAMILY + "/" + label, dialect, text);
    }

    /** A launch of a work-item for each element of a tensor, in groups of 64, whose one number is how many there are. */
    public static CustomLaunch overElements(TensorType type) {
        int elements = Math.toIntExact(type.shape().elements());
        return new CustomLaunch(Grid.covering(elements, GROUP), elements);
    }

    /** The kernels' problem for given types. */
    public CustomProblem problem(List<TensorType> inputs, List<TensorType> outputs) {
        List<Operand> operands = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            operands.add(Operand.input("in" + i, inputs.get(i).dtype(), inputs.get(i).shape()));
        }
        for (int i = 0; i < outputs.size(); i++) {
            operands.add(Operand.output("out" + i, outputs.get(i).dtype(), outputs.get(i).shape()));
        }
        List<CustomKernel> kernels = texts.stream().map(each -> {
            CustomLaunch launch = each.launch().apply(inputs, outputs);
            return new CustomKernel(each.text(), each.entry(), launch.grid(), launch.numbers());
        }).toList();
        return new CustomProblem(label, operands, kernels, computation, 0);
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        return types.apply(inputs);
    }

    @Override
    public void vjp(Backward backward) {
        gradient.accept(backward);
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.KERNEL;
    }

    @Override
    public Cost cost(List<TensorType> inputs, List<TensorType> outputs) {
        return problem(inputs, outputs).cost();
    }

    /** The same text for the same operation wherever it is read or made. */
    @Override
    public String toString() {
        return "CustomOp[" + label + texts.stream().map(each -> ", " + each.text().dialect() + " " + each.entry()).collect(Collectors.joining())
                + "]";
    }
}
