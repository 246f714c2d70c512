package dev.quern.graph.golden;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.AttentionMask;
import dev.quern.graph.op.BatchNormalised;
import dev.quern.graph.op.Conv2dAttributes;
import dev.quern.graph.op.Conv2dBackwardData;
import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.graph.op.RecurrentNetwork;
import dev.quern.graph.op.RecurrentOutput;
import dev.quern.graph.op.RecurrentWeights;
import dev.quern.graph.op.Value;
import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Expressions;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.kernels.reduce.ReduceOp;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Builds the ops of golden cases out of the graph's: an op that is missing here is unknown. */
final class GoldenOps {
    /** Emits a case's op on its inputs; gives its outputs by name. */
    @FunctionalInterface
    interface Build {
        Map<String, Value> emit(GraphBuilder g, GoldenCase golden, Map<String, Value> in);
    }

    /** The same for an op with the single output y. */
    @FunctionalInterface
    private interface BuildOne {
        Value emit(GraphBuilder g, GoldenCase golden, Map<String, Value> in);
    }

    private final Map<String, Build> ops = new LinkedHashMap<>();

    GoldenOps() {
        elementwise();
        products();
        pooling();
        reductions();
        losses();
        normalisations();
        recurrent();
    }

    /** How to build an op; null where it is unknown. */
    Build find(String op) {
        return ops.get(op);
    }

    private void put(String op, BuildOne build) {
        ops.put(op, (g, golden, in) -> Map.of("y", build.emit(g, golden, in)));
    }

    private void elementwise() {
        for (ElementwiseFunction function : ElementwiseFunction.values()) {
            if (function.arity() == 1) {
                put(function.label(), (g, golden, in) -> g.elementwise(function, in.get("x")));
            } else if (function.arity() == 2) {
                put(function.label(), (g, golden, in) -> g.elementwise(function, in.get("a"), in.get("b")));
            }
        }
        put("where", (g, golden, in) -> g.where(in.get("cond"), in.get("a"), in.get("b")));
        put("pow", (g, golden, in) -> golden.attrs().containsKey("exponent") ? g.pow(in.get("x"), golden.number("exponent"))
                : g.elementwise(ElementwiseFunction.POW, in.get("a"), in.get("b")));
        activation("selu", Expressions::selu);
        activation("silu", Expressions::silu);
        activation("softsign", Expressions::softsign);
        activation("hardsigmoid", Expressions::hardsigmoid);
        activation("hardswish", Expressions::hardswish);
        put("elu", (g, golden, in) -> g.activation("elu", x -> Expressions.elu(x, golden.number("alpha")), in.get("x")));
        put("leaky_relu", (g, golden, in) -> g.activation("leaky_relu",
                x -> Expressions.leakyRelu(x, golden.number("alpha")), in.get("x")));
        put("clip", (g, golden, in) -> g.activation("clip",
                x -> Expressions.clip(x, golden.number("min"), golden.number("max")), in.get("x")));
        put("gelu", (g, golden, in) -> g.activation("gelu",
                golden.text("approximate").equals("tanh") ? Expressions::geluTanh : Expressions::gelu, in.get("x")));
        put("slice", (g, golden, in) -> g.slice(in.get("x"), (int) golden.number("axis"), (int) golden.number("start"),
                (int) golden.number("end"), (int) golden.number("step")));
        put("pad", (g, golden, in) -> {
            List<List<Integer>> pads = ((List<?>) golden.attrs().get("pads")).stream()
                    .map(pair -> ((List<?>) pair).stream().map(each -> ((Number) each).intValue()).toList()).toList();
            return g.pad(in.get("x"), pads.stream().map(List::getFirst).toList(), pads.stream().map(List::getLast).toList(),
                    golden.number("value"));
        });
        put("embedding", (g, golden, in) -> g.embedding(in.get("table"), in.get("ids"), -1));
        put("gather", (g, golden, in) -> g.take(in.get("x"), (int) golden.number("axis"), in.get("index")));
        put("cumsum", (g, golden, in) -> g.cumsum(in.get("x"), (int) golden.number("axis")));
        put("concat", (g, golden, in) -> g.concat((int) golden.number("axis"), in.values().toArray(Value[]::new)));
        put("transpose", (g, golden, in) -> g.transpose(in.get("x"), golden.ints("perm")));
    }

    private void activation(String op, UnaryOperator<Expr> function) {
        put(op, (g, golden, in) -> g.activation(op, function, in.get("x")));
    }

    private void products() {
        put("matmul", (g, golden, in) -> g.matmul(in.get("a"), in.get("b"), golden.flag("transpose_a"),
                golden.flag("transpose_b")));
        put("linear", (g, golden, in) -> {
            Value y = g.matmul(in.get("x"), in.get("w"), false, true);
            y = in.containsKey("b") ? g.add(y, in.get("b")) : y;
            return switch (String.valueOf(golden.attrs().getOrDefault("activation", "none"))) {
                case "none", "identity", "null" -> y;
                case "relu" -> g.relu(y);
                case "tanh" -> g.tanh(y);
                case "sigmoid" -> g.sigmoid(y);
                case "gelu" -> g.activation("gelu", Expressions::gelu, y);
                default -> throw new UnsupportedOperationException(golden.text("activation"));
            };
        });
        put("conv2d", (g, golden, in) -> bias(g, g.conv2d(in.get("x"), in.get("w"), conv(golden)), in.get("b")));
        put("conv1d", (g, golden, in) -> {
            Value y = g.conv1d(in.get("x"), in.get("w"), golden.ints("stride")[0], golden.ints("padding")[0],
                    golden.ints("dilation")[0], (int) golden.number("groups"));
            return in.containsKey("b") ? g.add(y, g.reshape(in.get("b"), 1, -1, 1)) : y;
        });
        put("conv_transpose2d", (g, golden, in) -> {
            int[] extra = golden.ints("output_padding");
            return bias(g, g.convTranspose2d(in.get("x"), in.get("w"), conv(golden), extra[0], extra[1]), in.get("b"));
        });
        put("scaled_dot_product_attention", (g, golden, in) -> g.scaledDotProductAttention(in.get("q"), in.get("k"), in.get("v"),
                golden.flag("causal") ? AttentionMask.causalOnly() : AttentionMask.none()));
    }

    private static Conv2dAttributes conv(GoldenCase golden) {
        int[] stride = golden.ints("stride");
        int[] padding = golden.ints("padding");
        int[] dilation = golden.ints("dilation");
        return Conv2dAttributes.defaults().stride(stride[0], stride[1]).padding(padding[0], padding[1])
                .dilation(dilation[0], dilation[1]).groups((int) golden.number("groups"));
    }

    private static Value bias(GraphBuilder g, Value y, Value b) {
        return b == null ? y : g.add(y, g.reshape(b, 1, -1, 1, 1));
    }

    private void pooling() {
        put("max_pool2d", (g, golden, in) -> g.maxPool2d(in.get("x"), pool(golden)));
        put("avg_pool2d", (g, golden, in) -> g.avgPool2d(in.get("x"), pool(golden)));
        put("global_avg_pool2d", (g, golden, in) -> g.reduceMean(in.get("x"), true, 2, 3));
    }

    private static Pool2dAttributes pool(GoldenCase golden) {
        int[] kernel = golden.ints("kernel");
        int[] stride = golden.ints("stride");
        int[] padding = golden.ints("padding");
        if (golden.attrs().containsKey("dilation")) {
            throw new UnsupportedOperationException("pooling with dilation");
        }
        boolean includePad = !golden.attrs().containsKey("count_include_pad") || golden.flag("count_include_pad");
        return Pool2dAttributes.kernel(kernel[0], kernel[1]).stride(stride[0], stride[1]).padding(padding[0], padding[1])
                .ceilMode(golden.flag("ceil_mode")).countIncludePad(includePad);
    }

    private void reductions() {
        put("reduce_sum", (g, golden, in) -> g.reduceSum(in.get("x"), golden.flag("keepdims"), golden.ints("axes")));
        put("reduce_mean", (g, golden, in) -> g.reduceMean(in.get("x"), golden.flag("keepdims"), golden.ints("axes")));
        put("reduce_max", (g, golden, in) -> g.reduceMax(in.get("x"), golden.flag("keepdims"), golden.ints("axes")));
        put("reduce_min", (g, golden, in) -> g.reduce(ReduceOp.MIN, in.get("x"), golden.flag("keepdims"), golden.ints("axes")));
        put("argmax", (g, golden, in) -> g.argmax(in.get("x"), (int) golden.number("axis"), false));
        put("norm", (g, golden, in) -> g.norm(in.get("x"), (int) golden.number("order"), golden.flag("keepdims"),
                golden.ints("axes")));
        put("softmax", (g, golden, in) -> g.softmax(in.get("x"), (int) golden.number("axis")));
        put("log_softmax", (g, golden, in) -> g.logSoftmax(in.get("x"), (int) golden.number("axis")));
    }

    private void losses() {
        put("softmax_cross_entropy", (g, golden, in) -> {
            Value mean = g.softmaxCrossEntropy(in.get("logits"), in.get("labels"), golden.number("label_smoothing", 0));
            return switch (golden.text("reduction")) {
                case "mean" -> mean;
                case "sum" -> g.mul(mean, g.constant(in.get("logits").shape().extent(0)));
                default -> throw new UnsupportedOperationException(golden.text("reduction"));
            };
        });
        put("mse", (g, golden, in) -> reduced(g, golden, g.square(g.sub(in.get("x"), in.get("target")))));
        put("l1", (g, golden, in) -> reduced(g, golden, g.abs(g.sub(in.get("x"), in.get("target")))));
        put("huber", (g, golden, in) -> {
            double delta = golden.number("delta");
            Expr d = Expressions.sub(Expressions.input(0), Expressions.input(1));
            Expr size = Expressions.call(ElementwiseFunction.ABS, d);
            Expr near = Expressions.mul(Expressions.constant(0.5), Expressions.square(d));
            Expr far = Expressions.mul(Expressions.constant(delta), Expressions.sub(size, Expressions.constant(delta / 2)));
            Expr within = Expressions.call(ElementwiseFunction.LESS, size, Expressions.constant(delta));
            return reduced(g, golden, g.apply("huber", Expressions.select(within, near, far), in.get("x"), in.get("target")));
        });
        put("bce_with_logits", (g, golden, in) -> {
            Expr x = Expressions.input(0);
            Expr loss = Expressions.sub(Expressions.call(ElementwiseFunction.SOFTPLUS, x),
                    Expressions.mul(x, Expressions.input(1)));
            return reduced(g, golden, g.apply("bce", loss, in.get("x"), in.get("target")));
        });
        put("kl_div", (g, golden, in) -> {
            Value terms = g.mul(in.get("q"), g.sub(g.log(in.get("q")), in.get("log_p")));
            return golden.text("reduction").equals("batchmean")
                    ? g.div(g.reduceSum(terms, false), g.constant(in.get("q").shape().extent(0))) : reduced(g, golden, terms);
        });
        ops.put("clip_gradients", (g, golden, in) -> {
            Map<String, Value> out = new LinkedHashMap<>();
            double max = golden.number("max");
            if (golden.text("by").equals("value")) {
                in.forEach((name, value) -> out.put(name, g.activation("clip", x -> Expressions.clip(x, -max, max), value)));
                return out;
            }
            Value squares = in.values().stream().map(value -> g.reduceSum(g.square(value), false)).reduce(g::add).orElseThrow();
            Value factor = g.minimum(g.constant(1), g.div(g.constant(max), g.add(g.sqrt(squares), g.constant(1e-6))));
            in.forEach((name, value) -> out.put(name, g.mul(value, factor)));
            return out;
        });
    }

    private static Value reduced(GraphBuilder g, GoldenCase golden, Value terms) {
        return switch (golden.text("reduction")) {
            case "mean" -> g.reduceMean(terms, false);
            case "sum" -> g.reduceSum(terms, false);
            case "none" -> terms;
            default -> throw new UnsupportedOperationException(golden.text("reduction"));
        };
    }

    private void normalisations() {
        put("layer_norm", (g, golden, in) -> g.layerNorm(in.get("x"), in.get("weight"), in.get("bias"),
                golden.number("epsilon")));
        put("group_norm", (g, golden, in) -> g.groupNorm(in.get("x"), (int) golden.number("groups"), in.get("weight"),
                in.get("bias"), golden.number("epsilon")));
        put("local_response_norm", (g, golden, in) -> g.localResponseNorm(in.get("x"), (int) golden.number("size"),
                golden.number("alpha"), golden.number("beta"), golden.number("k")));
        ops.put("batch_norm", (g, golden, in) -> {
            Value mean = in.get("running_mean");
            Value variance = in.get("running_var");
            if (golden.flag("training")) {
                BatchNormalised result = g.batchNorm(in.get("x"), in.get("weight"), in.get("bias"), mean, variance,
                        golden.number("momentum"), golden.number("epsilon"));
                return Map.of("y", result.y(), "running_mean", result.runningMean(), "running_var", result.runningVar());
            }
            Value y = g.batchNormInference(in.get("x"), in.get("weight"), in.get("bias"), mean, variance,
                    golden.number("epsilon"));
            return Map.of("y", y, "running_mean", mean, "running_var", variance);
        });
    }

    private void recurrent() {
        for (RecurrentCell cell : RecurrentCell.values()) {
            ops.put(cell.label(), (g, golden, in) -> recurrent(g, golden, in, cell));
        }
    }

    private static Map<String, Value> recurrent(GraphBuilder g, GoldenCase golden, Map<String, Value> in,
            RecurrentCell cell) {
        List<RecurrentWeights> weights = new ArrayList<>();
        for (int layer = 0; layer < golden.number("num_layers"); layer++) {
            for (String direction : golden.flag("bidirectional") ? List.of("", "_reverse") : List.of("")) {
                String suffix = "_l" + layer + direction;
                weights.add(RecurrentWeights.of(in.get("weight_ih" + suffix), in.get("weight_hh" + suffix),
                        in.get("bias_ih" + suffix), in.get("bias_hh" + suffix)));
            }
        }
        RecurrentNetwork network = RecurrentNetwork.of(cell, weights).bidirectional(golden.flag("bidirectional"));
        RecurrentOutput output = g.recurrent(cell == RecurrentCell.LSTM ? network.initial(in.get("h0"), in.get("c0"))
                : network.initial(in.get("h0")), in.get("x"));
        Map<String, Value> out = new LinkedHashMap<>();
        out.put("y", output.y());
        out.put("hn", output.hn());
        output.cn().ifPresent(cn -> out.put("cn", cn));
        return out;
    }
}
