package dev.quern.graph.lower;

import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.op.ArgReduce;
import dev.quern.graph.op.Assign;
import dev.quern.graph.op.Attention;
import dev.quern.graph.op.AttentionBackward;
import dev.quern.graph.op.AvgPool2d;
import dev.quern.graph.op.AvgPool2dBackward;
import dev.quern.graph.op.BatchNorm;
import dev.quern.graph.op.BatchNormBackward;
import dev.quern.graph.op.Broadcast;
import dev.quern.graph.op.Cast;
import dev.quern.graph.op.Concat;
import dev.quern.graph.op.Constant;
import dev.quern.graph.op.Conv2d;
import dev.quern.graph.op.Conv2dBackwardData;
import dev.quern.graph.op.Conv2dBackwardWeights;
import dev.quern.graph.op.CustomOp;
import dev.quern.graph.op.Gather;
import dev.quern.graph.op.GroupNorm;
import dev.quern.graph.op.GroupNormBackward;
import dev.quern.graph.op.Input;
import dev.quern.graph.op.LocalResponseNorm;
import dev.quern.graph.op.LocalResponseNormBackward;
import dev.quern.graph.op.MatMul;
import dev.quern.graph.op.MaxPool2d;
import dev.quern.graph.op.MaxPool2dBackward;
import dev.quern.graph.op.Pad;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.op.Pointwise;
import dev.quern.graph.op.Random;
import dev.quern.graph.op.Recompute;
import dev.quern.graph.op.Recurrent;
import dev.quern.graph.op.RecurrentBackward;
import dev.quern.graph.op.Reduce;
import dev.quern.graph.op.Reshape;
import dev.quern.graph.op.Scan;
import dev.quern.graph.op.ScatterAdd;
import dev.quern.graph.op.Slice;
import dev.quern.graph.op.Softmax;
import dev.quern.graph.op.SoftmaxBackward;
import dev.quern.graph.op.SoftmaxCrossEntropy;
import dev.quern.graph.op.StepScalar;
import dev.quern.graph.op.StopGradient;
import dev.quern.graph.op.Transpose;
import dev.quern.kernels.Problem;
import dev.quern.kernels.attention.AttentionBackwardProblem;
import dev.quern.kernels.attention.AttentionForwardProblem;
import dev.quern.kernels.conv.Conv2dBackwardDataProblem;
import dev.quern.kernels.conv.Conv2dBackwardWeightsProblem;
import dev.quern.kernels.conv.Conv2dForwardProblem;
import dev.quern.kernels.copy.CopyProblem;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.gather.GatherProblem;
import dev.quern.kernels.gather.ScatterAddProblem;
import dev.quern.kernels.gemm.GemmProblem;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.kernels.pool.AvgPool2dBackwardProblem;
import dev.quern.kernels.pool.AvgPool2dForwardProblem;
import dev.quern.kernels.pool.MaxPool2dBackwardProblem;
import dev.quern.kernels.pool.MaxPool2dForwardProblem;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.kernels.reduce.ArgReduceProblem;
import dev.quern.kernels.reduce.ReduceProblem;
import dev.quern.kernels.scan.ScanProblem;
import dev.quern.kernels.softmax.CrossEntropyProblem;
import dev.quern.kernels.softmax.SoftmaxBackwardProblem;
import dev.quern.kernels.softmax.SoftmaxProblem;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Says which kernel family solves a node, and with what operands. The only place where ops meet problems. */
public final class Lowering {
    private final Graph graph;

    /** Lowers nodes of a graph; which of a node's outputs are computed depends on what the graph reads. */
    public Lowering(Graph graph) {
        this.graph = graph;
    }

    /** A node's work by itself, unfused; empty for nodes that do none: sources and aliases. */
    public Optional<Work> of(Node node) {
        return switch (node.op()) {
            case Input op -> Optional.empty();
            case Parameter op -> Optional.empty();
            case StepScalar op -> Optional.empty();
            case Reshape op -> Optional.empty();
            case StopGradient op -> Optional.empty();
            case Recompute op -> Optional.empty();
            case Constant op -> Optional.of(pointwise(node, new Expr.Constant(op.value())));
            case Pointwise op -> Optional.of(pointwise(node, op.expression()));
            case Broadcast op -> whole(node, view(node));
            case Transpose op -> whole(node, view(node));
            case Slice op -> whole(node, view(node));
            case Pad op -> whole(node, CopyProblem.place(node.types().getFirst().dtype(), shape(node, 0), op.shape(), op.starts(),
                    op.steps(), op.value()));
            case Concat op -> whole(node, CopyProblem.concat(node.types().getFirst().dtype(),
                    node.inputs().stream().map(NodeOutput::shape).toList(), op.axis()));
            case Gather op -> whole(node, new GatherProblem(node.types().getFirst().dtype(),
                    count(shape(node, 0), 0, op.axis()), shape(node, 0).extent(op.axis()),
                    op.perElement() ? shape(node, 1).extent(op.axis()) : Math.toIntExact(shape(node, 1).elements()),
                    count(shape(node, 0), op.axis() + 1, shape(node, 0).rank()), op.perElement()));
            case ScatterAdd op -> whole(node, new ScatterAddProblem(count(shape(node, 0), 0, op.axis()), op.length(),
                    op.perElement() ? shape(node, 1).extent(op.axis()) : Math.toIntExact(shape(node, 1).elements()),
                    count(node.output(0).shape(), op.axis() + 1, node.output(0).shape().rank()), op.perElement(), op.ignored()));
            case Scan op -> whole(node, ScanProblem.of(op.kind(), shape(node, 0), op.axis(), op.exclusive(), op.reverse()));
            case Cast op -> Optional.of(pointwise(node, op.expression()));
            case Random op -> whole(node, PointwiseProblem.of(new PointwiseProblem.Part(op.shape(),
                    List.of(PointwiseProblem.Input.drawn("x0", op.draw(), op.shape())), List.of(new Expr.Input(0)))));
            case Assign op -> Optional.of(pointwise(node, new Expr.Input(0)));
            case MatMul op -> whole(node, gemm(node, op));
            case CustomOp op -> whole(node, op.problem(node.inputTypes(), node.types()));
            case Conv2d op -> whole(node, new Conv2dForwardProblem(
                    op.attributes2d().geometry(shape(node, 0), shape(node, 1))));
            case Conv2dBackwardData op -> whole(node, new Conv2dBackwardDataProblem(
                    op.attributes2d().geometry(op.input(), shape(node, 1))));
            case Conv2dBackwardWeights op -> whole(node, new Conv2dBackwardWeightsProblem(
                    op.attributes2d().geometry(shape(node, 0), op.filter())));
            case MaxPool2d op -> some(node, new MaxPool2dForwardProblem(op.pool().geometry(shape(node, 0)),
                    graph.isUsed(node.output(1))));
            case MaxPool2dBackward op -> whole(node, new MaxPool2dBackwardProblem(op.pool().geometry(op.input())));
            case AvgPool2d op -> whole(node, new AvgPool2dForwardProblem(op.pool().geometry(shape(node, 0)),
                    op.pool().countIncludePad()));
            case AvgPool2dBackward op -> whole(node, new AvgPool2dBackwardProblem(op.pool().geometry(op.input()),
                    op.pool().countIncludePad()));
            case Reduce op -> whole(node, ReduceProblem.of(op.kind(), shape(node, 0),
                    op.axes().stream().mapToInt(Integer::intValue).toArray()));
            case ArgReduce op -> whole(node, ArgReduceProblem.of(op.largest(), shape(node, 0), op.axis()));
            case BatchNorm op -> whole(node, op.problem(shape(node, 0)));
            case BatchNormBackward op -> whole(node, op.problem(shape(node, 1)));
            case GroupNorm op -> whole(node, op.problem(shape(node, 0)));
            case GroupNormBackward op -> whole(node, op.problem(shape(node, 1)));
            case LocalResponseNorm op -> whole(node, op.problem(shape(node, 0)));
            case LocalResponseNormBackward op -> whole(node, op.problem(shape(node, 1)));
            case Softmax op -> whole(node, SoftmaxProblem.of(shape(node, 0), op.axis(), op.log()));
            case SoftmaxBackward op -> whole(node, SoftmaxBackwardProblem.of(shape(node, 0), op.axis(), op.log()));
            case SoftmaxCrossEntropy op -> some(node, new CrossEntropyProblem(shape(node, 0).extent(0),
                    shape(node, 0).extent(1), op.labelSmoothing(), graph.isUsed(node.output(1))));
            case Recurrent op -> some(node, op.problem(shape(node, 0), shape(node, 2), trains(node, op)));
            case RecurrentBackward op -> whole(node, op.problem(node.inputTypes()));
            case Attention op -> some(node, new AttentionForwardProblem(op.attention().geometry(shape(node, 0), shape(node, 1),
                    shape(node, 2)), graph.isUsed(node.output(1))));
            case AttentionBackward op -> whole(node, new AttentionBackwardProblem(op.attention().geometry(shape(node, 1),
                    shape(node, 2), shape(node, 3))));
        };
    }

    /** Whether something reads what a recurrent layer keeps for its gradient: the outputs behind its final states. */
    private boolean trains(Node node, Recurrent op) {
        int results = op.cell() == RecurrentCell.LSTM ? 3 : 2;
        return node.outputs().subList(results, node.outputs().size()).stream().anyMatch(graph::isUsed);
    }

    private static int count(Shape shape, int from, int to) {
        return Math.toIntExact(shape.elements(from, to));
    }

    private static Shape shape(Node node, int input) {
        return node.input(input).shape();
    }

    private static Optional<Work> whole(Node node, Problem problem) {
        return Optional.of(new Work(problem, node.inputs(), node.outputs()));
    }

    /** A problem that computes only the first of the node's outputs where nothing reads the others. */
    private static Optional<Work> some(Node node, Problem problem) {
        int outputs = problem.operands().size() - node.inputs().size();
        return Optional.of(new Work(problem, node.inputs(), node.outputs().subList(0, outputs)));
    }

    private static Problem gemm(Node node, MatMul op) {
        Shape a = shape(node, 0);
        Shape b = shape(node, 1);
        int batch = Math.toIntExact(MatMul.leading(node.output(0).shape()).elements());
        GemmProblem one = GemmProblem.of(op.m(a), op.n(b), op.k(a), op.transposeA(), op.transposeB());
        return one.batched(batch, MatMul.leading(a).elements() == 1, MatMul.leading(b).elements() == 1).flattened();
    }

    private static Problem view(Node node) {
        View view = View.of(node, 0).orElseThrow();
        return CopyProblem.view(node.types().getFirst().dtype(), view.loop(), view.tensor().elements(), view.offset(),
                view.strides());
    }

    private static Work pointwise(Node node, Expr result) {
        Shape shape = node.output(0).shape();
        List<PointwiseProblem.Input> inputs = new ArrayList<>();
        for (int i = 0; i < node.inputs().size(); i++) {
            View view = View.of(node, i).orElseThrow();
            inputs.add(new PointwiseProblem.Input("x" + i, node.input(i).type().dtype(), view.offset(), view.strides(),
                    Optional.empty()));
        }
        return new Work(PointwiseProblem.of(new PointwiseProblem.Part(shape, inputs, List.of(result),
                List.of(node.types().getFirst().dtype()))), node.inputs(),
                List.of(node.output(0)));
    }
}
