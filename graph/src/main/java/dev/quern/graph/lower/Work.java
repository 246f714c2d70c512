package dev.quern.graph.lower;

import dev.quern.graph.ir.NodeOutput;
import dev.quern.kernels.Problem;
import java.util.ArrayList;
import java.util.List;

/**
 * A kernel family's problem with the values that it reads and writes, each in the order of the problem's operands.
 *
 * @param problem the problem
 * @param inputs  the values of its input operands
 * @param outputs the values of its output operands
 */
public record Work(Problem problem, List<NodeOutput> inputs, List<NodeOutput> outputs) {
    public Work {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        if (inputs.size() + outputs.size() != problem.operands().size()) {
            throw new IllegalArgumentException(problem.key() + ": " + inputs.size() + " inputs and " + outputs.size()
                    + " outputs for " + problem.operands().size() + " operands");
        }
    }

    /** Inputs, then outputs: a value for each of the problem's operands. */
    public List<NodeOutput> operands() {
        List<NodeOutput> operands = new ArrayList<>(inputs);
        operands.addAll(outputs);
        return operands;
    }
}
