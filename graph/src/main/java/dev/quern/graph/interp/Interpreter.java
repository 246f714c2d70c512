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
import dev.quern.runtime.HostTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs a graph node by node, unfused, with the kernel families' references: the oracle that plans are held to.
 */
public final class Interpreter {
    private final Families families;

    /** An interpreter with these families' references. */
    public Interpreter(Families families) {
        this.families = families;
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
                case Reshape op -> values.put(node.output(0), HostTensor.of(node.types().getFirst().dtype(), op.shape(),
                        values.get(node.input(0)).memory()));
                default -> {
                    Work work = lowering.of(node).orElseThrow();
                    work.outputs().forEach(output -> values.put(output,
                            HostTensor.zeros(output.type().dtype(), output.shape())));
                    compute(work.problem(), work.operands().stream().map(values::get).toList());
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

    private static HostTensor leaf(Node node, String name, Map<String, HostTensor> leaves) {
        HostTensor tensor = leaves.get(name);
        if (tensor == null) {
            throw new GraphException(node.place() + ": no tensor is given for it");
        }
        if (tensor.dtype() != node.types().getFirst().dtype() || !tensor.shape().equals(node.types().getFirst().shape())) {
            throw new GraphException(node.place() + ": is " + node.types().getFirst() + ", the tensor given is " + tensor);
        }
        return tensor;
    }

    private <P extends Problem> void compute(P problem, List<HostTensor> operands) {
        families.familyOf(problem).reference().compute(problem, new ArrayList<>(operands));
    }
}
