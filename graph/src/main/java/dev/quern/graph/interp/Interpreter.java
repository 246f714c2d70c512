package dev.quern.graph.interp;

import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphException;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Lowering;
import dev.quern.graph.lower.Work;
import dev.quern.graph.op.Assign;
import dev.quern.graph.op.Input;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.op.Recompute;
import dev.quern.graph.op.Reshape;
import dev.quern.graph.op.StepScalar;
import dev.quern.graph.op.StopGradient;
import dev.quern.kernels.Problem;
import dev.quern.kernels.select.Families;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs a graph node by node, unfused, with the kernel families' references: the oracle that plans are held to.
 */
public final class Interpreter {
    private final Arithmetic arithmetic;
    private final boolean wide;

    private Interpreter(Arithmetic arithmetic, boolean wide) {
        this.arithmetic = arithmetic;
        this.wide = wide;
    }

    /** An interpreter with these families' references, which rounds what each node stores to the node's type. */
    public Interpreter(Families families) {
        this(Arithmetic.references(families), false);
    }

    /** An interpreter that keeps what nodes of F32 store in double precision: its tensors of them are F64. */
    public static Interpreter inDouble(Arithmetic arithmetic) {
        return new Interpreter(arithmetic, true);
    }

    /** How problems are solved. */
    @FunctionalInterface
    public interface Arithmetic {
        /**
         * Solves a problem.
         *
         * @param problem  the problem
         * @param operands a tensor for each of its operands; outputs are filled in
         */
        void compute(Problem problem, List<HostTensor> operands);

        /** As the references of these families do. */
        static Arithmetic references(Families families) {
            return new Arithmetic() {
                @Override
                public void compute(Problem problem, List<HostTensor> operands) {
                    solve(problem, operands);
                }

                private <P extends Problem> void solve(P problem, List<HostTensor> operands) {
                    families.familyOf(problem).reference().compute(problem, operands);
                }
            };
        }
    }

    /**
     * What a step gave.
     *
     * @param outputs  the graph's outputs by name
     * @param assigned the new values of the state by path
     */
    public record Result(Map<String, HostTensor> outputs, Map<String, HostTensor> assigned) {
    }

    /**
     * Runs one step.
     *
     * @param graph  the graph
     * @param leaves a tensor for each input, step scalar and tensor of the state, by name or path; they are not changed
     * @throws GraphException if one is missing or has another type
     */
    public Result run(Graph graph, Map<String, HostTensor> leaves) {
        Lowering lowering = new Lowering(graph);
        Map<NodeOutput, HostTensor> values = new HashMap<>();
        Map<String, HostTensor> assigned = new TreeMap<>();
        for (Node node : graph.nodes()) {
            switch (node.op()) {
                case Input op -> values.put(node.output(0), leaf(node, op.name(), leaves));
                case Parameter op -> values.put(node.output(0), leaf(node, op.path(), leaves));
                case StepScalar op -> values.put(node.output(0), leaf(node, op.name(), leaves));
                case StopGradient op -> values.put(node.output(0), values.get(node.input(0)));
                case Recompute op -> values.put(node.output(0), values.get(node.input(0)));
                case Reshape op -> values.put(node.output(0), HostTensor.of(values.get(node.input(0)).dtype(), op.shape(),
                        values.get(node.input(0)).memory()));
                default -> {
                    Work work = lowering.of(node).orElseThrow();
                    work.outputs().forEach(output -> values.put(output,
                            HostTensor.zeros(stored(output.type().dtype()), output.shape())));
                    arithmetic.compute(work.problem(), work.operands().stream().map(values::get).toList());
                }
            }
            if (node.op() instanceof Assign assign) {
                assigned.put(assign.path(), values.get(node.output(0)));
            }
        }
        Map<String, HostTensor> outputs = new LinkedHashMap<>();
        graph.outputs().forEach((name, value) -> outputs.put(name, values.get(value)));
        return new Result(outputs, assigned);
    }

    private DType stored(DType dtype) {
        return wide && dtype == DType.F32 ? DType.F64 : dtype;
    }

    private HostTensor leaf(Node node, String name, Map<String, HostTensor> leaves) {
        HostTensor tensor = leaves.get(name);
        if (tensor == null) {
            throw new GraphException(node.place() + ": no tensor is given for it");
        }
        DType dtype = node.types().getFirst().dtype();
        if (tensor.dtype() != dtype && tensor.dtype() != stored(dtype) || !tensor.shape().equals(node.types().getFirst().shape())) {
            throw new GraphException(node.place() + ": is " + node.types().getFirst() + ", the tensor given is " + tensor);
        }
        if (tensor.dtype() == stored(dtype)) {
            return tensor;
        }
        HostTensor wider = HostTensor.zeros(stored(dtype), tensor.shape());
        for (long i = 0; i < tensor.shape().elements(); i++) {
            wider.set(i, tensor.get(i));
        }
        return wider;
    }
}
