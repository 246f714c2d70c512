package dev.quern.examples;

import static dev.quern.layers.nn.Activation.relu;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Layer;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.Loss;
import dev.quern.layers.nn.ParameterSpec;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.optim.Optimizer;
import dev.quern.layers.optim.Update;
import dev.quern.layers.random.RandomStream;
import dev.quern.layers.train.Metric;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Q-learning with a network, a replay buffer and a second network that is copied from the first now and then: Mnih et al., "Human-level
 * control through deep reinforcement learning", Nature, 2015; with the choice of the next action taken by the first network and judged by
 * the second (van Hasselt, Guez, Silver, 2016). It learns to balance {@link CartPole}.
 */
public final class Dqn implements ExampleProgram {
    private static final String NETWORK = "q";
    private static final String TARGET = "target";
    private static final int BATCH = 64;
    private static final int CAPACITY = 20_000;
    private static final int WARM_UP = 1_000;
    private static final int COPY_EVERY = 250;
    private static final int JUDGE_EVERY = 2_000;
    private static final int JUDGED = 100;
    private static final int LEAST_RANDOM_AT = 8_000;
    private static final double LEAST_RANDOM = 0.05;
    private static final double DISCOUNT = 0.99;
    private static final double RATE = 5e-4;
    private static final double LARGEST_NORM = 10;

    private final int steps;

    /** With at most 40,000 steps. */
    public Dqn() {
        this(40_000);
    }

    /**
     * With another number of steps.
     *
     * @param steps the most that are taken to learn from
     */
    Dqn(int steps) {
        this.steps = steps;
    }

    @Override
    public String name() {
        return "dqn";
    }

    @Override
    public String description() {
        return "Q-learning balances a pole on a cart (Mnih et al., 2015)";
    }

    private static Layer network() {
        return Sequential.of(Dense.of(CartPole.STATE, 128), relu(), Dense.of(128, 128), relu(), Dense.of(128, CartPole.ACTIONS));
    }

    /** What each action is worth in a batch of states. */
    private static Graph judging(int batch) {
        GraphBuilder graph = new GraphBuilder("dqn-judge-" + batch);
        LayerContext context = LayerContext.root(graph, false);
        graph.output("worth", context.build(NETWORK, network(), graph.input("seen", DType.F32, Shape.of(batch, CartPole.STATE))));
        return graph.build();
    }

    /** A step of learning with what its layers declared. */
    private record Learning(Graph graph, List<ParameterSpec> parameters, Optimizer optimizer) {
        static Learning build() {
            GraphBuilder graph = new GraphBuilder("dqn-learn");
            LayerContext context = LayerContext.root(graph, true);
            Value seen = graph.input("seen", DType.F32, Shape.of(BATCH, CartPole.STATE));
            Value next = graph.input("next", DType.F32, Shape.of(BATCH, CartPole.STATE));
            Value action = graph.input("action", DType.I32, Shape.of(BATCH));
            Value goesOn = graph.input("goes_on", DType.F32, Shape.of(BATCH));
            // One run of the network over both halves, as its parameters can be declared once only.
            Value both = context.build(NETWORK, network(), graph.concat(0, seen, next));
            Value worth = graph.slice(both, 0, 0, BATCH);
            Value wish = graph.argmax(graph.slice(both, 0, BATCH, 2 * BATCH), 1, false);
            Value judged = context.build(TARGET, network(), next);
            Value then = graph.reduceSum(graph.mul(judged, graph.oneHot(wish, CartPole.ACTIONS)), false, 1);
            Value expected = graph.stopGradient(graph.add(graph.constant(1),
                    graph.mul(graph.constant(DISCOUNT), graph.mul(goesOn, then))));
            Value done = graph.reduceSum(graph.mul(worth, graph.oneHot(action, CartPole.ACTIONS)), false, 1);
            Value loss = Loss.huber(1).build(graph, done, expected);
            List<ParameterSpec> learned = context.parameters().stream().filter(parameter -> parameter.path().startsWith(NETWORK + ".")).toList();
            List<Value> values = learned.stream().map(ParameterSpec::value).toList();
            Optimizer optimizer = Adam.standard().clippedByNorm(LARGEST_NORM);
            Update.emit(graph, optimizer, learned.stream().map(ParameterSpec::path).toList(), values, Gradients.of(graph, loss, values));
            graph.output("loss", loss);
            return new Learning(graph.build(), context.parameters(), optimizer);
        }
    }

    @Override
    public boolean readsData() {
        return false;
    }

    @Override
    public List<Metric> run(Surroundings surroundings) {
        Learning learning = Learning.build();
        try (State state = State.create(surroundings.device());
                Plan learn = Compiler.compile(learning.graph(), surroundings.device(), state, CompileOptions.defaults());
                Plan act = Compiler.compile(judging(1), surroundings.device(), state, CompileOptions.defaults());
                Plan judge = Compiler.compile(judging(JUDGED), surroundings.device(), state, CompileOptions.defaults())) {
            for (ParameterSpec parameter : learning.parameters()) {
                state.write(parameter.path(), parameter.initial(surroundings.seed()));
            }
            Map<String, HostTensor> best = parameters(state);
            double mean = meanReturn(judge, surroundings.seed());
            RandomStream random = new RandomStream(surroundings.seed(), "dqn", 0);
            ReplayBuffer buffer = new ReplayBuffer(CAPACITY);
            CartPole pole = new CartPole();
            pole.reset(random);
            float[] before = new float[CartPole.STATE];
            float[] after = new float[CartPole.STATE];
            pole.observe(before, 0);
            for (int step = 1; step <= steps && !surroundings.stopped().getAsBoolean() && mean < CartPole.LONGEST; step++) {
                int action = random.nextFloat() < randomShare(step) ? random.nextInt(CartPole.ACTIONS) : wish(act, before);
                pole.step(action);
                pole.observe(after, 0);
                buffer.add(before, action, after, pole.isFallen());
                if (pole.isOver()) {
                    pole.reset(random);
                }
                pole.observe(before, 0);
                if (buffer.size() >= WARM_UP) {
                    learn(learn, learning.optimizer(), buffer, random, step - WARM_UP + 1);
                }
                if (step % COPY_EVERY == 0) {
                    copyToTarget(state);
                }
                if (step % JUDGE_EVERY == 0) {
                    double now = meanReturn(judge, surroundings.seed());
                    surroundings.out().println(String.format(Locale.ROOT, "step %,7d  mean return %.1f of %d", step, now, CartPole.LONGEST));
                    if (now > mean) {
                        mean = now;
                        best = parameters(state);
                    }
                }
            }
            best.forEach(state::write);
            // Other episodes than those that chose the parameters.
            return List.of(Metric.higher("mean_return", meanReturn(judge, surroundings.seed() + 1)));
        }
    }

    /** Falls from 1 to a twentieth. */
    private static double randomShare(int step) {
        return Math.max(LEAST_RANDOM, 1 - (1 - LEAST_RANDOM) * step / LEAST_RANDOM_AT);
    }

    private static int wish(Plan act, float[] seen) {
        act.input("seen").copyFrom(MemorySegment.ofArray(seen));
        act.run();
        HostTensor worth = act.read("worth");
        return worth.get(1) > worth.get(0) ? 1 : 0;
    }

    private static void learn(Plan plan, Optimizer optimizer, ReplayBuffer buffer, RandomStream random, int step) {
        optimizer.scalars().forEach(rule -> plan.setScalar(rule.name(), (float) rule.value().at(step, RATE)));
        buffer.draw(random, BATCH, plan.input("seen"), plan.input("action"), plan.input("next"), plan.input("goes_on"));
        plan.run();
    }

    private static void copyToTarget(State state) {
        for (String path : state.paths()) {
            if (path.startsWith(TARGET + ".")) {
                state.write(path, state.read(NETWORK + path.substring(TARGET.length())));
            }
        }
    }

    private static Map<String, HostTensor> parameters(State state) {
        TreeMap<String, HostTensor> parameters = new TreeMap<>();
        state.paths().stream().filter(path -> path.startsWith(NETWORK + ".")).forEach(path -> parameters.put(path, state.read(path)));
        return parameters;
    }

    /** The mean return of a hundred episodes, all played at once, without random actions. */
    private static double meanReturn(Plan judge, long seed) {
        CartPole[] poles = new CartPole[JUDGED];
        float[] seen = new float[JUDGED * CartPole.STATE];
        for (int i = 0; i < JUDGED; i++) {
            poles[i] = new CartPole();
            poles[i].reset(new RandomStream(seed, "dqn episodes", i));
        }
        boolean playing = true;
        while (playing) {
            for (int i = 0; i < JUDGED; i++) {
                poles[i].observe(seen, i * CartPole.STATE);
            }
            judge.input("seen").copyFrom(MemorySegment.ofArray(seen));
            judge.run();
            HostTensor worth = judge.read("worth");
            playing = false;
            for (int i = 0; i < JUDGED; i++) {
                if (!poles[i].isOver()) {
                    poles[i].step(worth.get(2L * i + 1) > worth.get(2L * i) ? 1 : 0);
                    playing = true;
                }
            }
        }
        double sum = 0;
        for (CartPole pole : poles) {
            sum += pole.steps();
        }
        return sum / JUDGED;
    }
}
