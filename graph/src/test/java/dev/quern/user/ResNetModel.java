package dev.quern.user;

import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.BatchNormalised;
import dev.quern.graph.op.Conv2dAttributes;
import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.graph.op.Value;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/** ResNet-50 (He et al., "Deep Residual Learning for Image Recognition", 2015) written with the graph alone, its strides as torchvision's. */
public final class ResNetModel {
    private static final int[] BLOCKS = {3, 4, 6, 3};

    private final GraphBuilder g;
    private final boolean training;
    private final List<Value> parameters = new ArrayList<>();

    private ResNetModel(GraphBuilder g, boolean training) {
        this.g = g;
        this.training = training;
    }

    /** A training step with momentum SGD on images of 224 by 224. */
    public static Graph training(int batch) {
        GraphBuilder g = new GraphBuilder("resnet50");
        ResNetModel model = new ResNetModel(g, true);
        Value logits = model.logits(g.input("x", DType.F32, Shape.of(batch, 3, 224, 224)), 64, BLOCKS, 1000);
        Value loss = g.softmaxCrossEntropy(logits, g.input("labels", DType.I32, Shape.of(batch)), 0);
        List<Value> gradients = Gradients.of(g, loss, model.parameters);
        Value rate = g.stepScalar("lr");
        for (int i = 0; i < gradients.size(); i++) {
            Value parameter = model.parameters.get(i);
            Value velocity = g.state(parameter.name() + ".momentum", DType.F32, parameter.shape());
            Value next = g.add(g.mul(velocity, g.constant(0.9)), gradients.get(i));
            g.assign(velocity, next);
            g.assign(parameter, g.sub(parameter, g.mul(rate, next)));
        }
        g.output("loss", loss);
        return g.build();
    }

    /** Evaluation on images of 224 by 224. */
    public static Graph evaluation(int batch) {
        return evaluation(batch, 224, 64, BLOCKS);
    }

    /** Evaluation of a network of the same kind with other sizes: the images', the first layer's channels, the blocks of each stage. */
    public static Graph evaluation(int batch, int image, int width, int... blocks) {
        GraphBuilder g = new GraphBuilder("resnet-evaluate");
        ResNetModel model = new ResNetModel(g, false);
        g.output("logits", model.logits(g.input("x", DType.F32, Shape.of(batch, 3, image, image)), width, blocks, 10));
        return g.build();
    }

    private Value logits(Value x, int width, int[] blocks, int classes) {
        Value h = g.relu(normalised("conv1", "bn1", x, width, 7, 2, 3));
        h = g.maxPool2d(h, Pool2dAttributes.kernel(3).stride(2).padding(1));
        for (int stage = 0; stage < blocks.length; stage++) {
            for (int block = 0; block < blocks[stage]; block++) {
                h = bottleneck("layer" + (stage + 1) + "." + block, h, width << stage, stage > 0 && block == 0 ? 2 : 1);
            }
        }
        Value pooled = g.reduceMean(h, false, 2, 3);
        Value weight = parameter("fc.weight", classes, pooled.shape().extent(1));
        try (GraphBuilder.Scope _ = g.scope("fc")) {
            return g.add(g.matmul(pooled, weight, false, true), parameter("fc.bias", classes));
        }
    }

    private Value bottleneck(String path, Value x, int width, int stride) {
        Value h = g.relu(normalised(path + ".conv1", path + ".bn1", x, width, 1, 1, 0));
        h = g.relu(normalised(path + ".conv2", path + ".bn2", h, width, 3, stride, 1));
        h = normalised(path + ".conv3", path + ".bn3", h, 4 * width, 1, 1, 0);
        boolean same = stride == 1 && x.shape().extent(1) == 4 * width;
        Value shortcut = same ? x : normalised(path + ".downsample.0", path + ".downsample.1", x, 4 * width, 1, stride, 0);
        return g.relu(g.add(h, shortcut));
    }

    private Value normalised(String conv, String norm, Value x, int out, int kernel, int stride, int padding) {
        Value y;
        try (GraphBuilder.Scope _ = g.scope(conv)) {
            y = g.conv2d(x, parameter(conv + ".weight", out, x.shape().extent(1), kernel, kernel),
                    Conv2dAttributes.defaults().stride(stride).padding(padding));
        }
        try (GraphBuilder.Scope _ = g.scope(norm)) {
            Value weight = parameter(norm + ".weight", out);
            Value bias = parameter(norm + ".bias", out);
            Value mean = g.state(norm + ".running_mean", DType.F32, Shape.of(out));
            Value variance = g.state(norm + ".running_var", DType.F32, Shape.of(out));
            if (!training) {
                return g.batchNormInference(y, weight, bias, mean, variance, 1e-5);
            }
            BatchNormalised result = g.batchNorm(y, weight, bias, mean, variance, 0.1, 1e-5);
            g.assign(mean, result.runningMean());
            g.assign(variance, result.runningVar());
            return result.y();
        }
    }

    private Value parameter(String path, int... extents) {
        Value parameter = g.parameter(path, DType.F32, Shape.of(extents));
        parameters.add(parameter);
        return parameter;
    }
}
