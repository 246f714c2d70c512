package dev.quern.kernels.expr;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Expressions as a list of loops over blocks of floats. Each loop is one that the JIT turns into vector code, or holds a single
 * function that it cannot. Values are numbered: the inputs first, then each distinct call in the order of its first use. The same
 * expressions give the same loops.
 */
final class LoopProgram {
    /**
     * The most operations and loads of a loop. Vector code needs a loop unrolled to a vector's length, and HotSpot unrolls only what
     * is small: on JDK 25 a polynomial of erf's in loops of up to 32 took five times as long as in loops of 24, and sums of 60
     * products in one loop twenty times as long as sums of 40.
     */
    private static final int MOST_WORK = 24;

    /** What a function is applied to: a value by its number, or a constant. */
    sealed interface Source {
        /** A value. */
        record Value(int id) implements Source {
        }

        /** A constant. */
        record Constant(float value) implements Source {
        }
    }

    /** One call: the value that it computes, and from what. */
    record Assignment(int id, ElementwiseFunction function, List<Source> arguments) {
        Assignment {
            arguments = List.copyOf(arguments);
        }

        /** The values that it reads, each once, in ascending order. */
        int[] reads() {
            BitSet ids = new BitSet();
            for (Source source : arguments) {
                if (source instanceof Source.Value value) {
                    ids.set(value.id());
                }
            }
            int[] reads = new int[ids.cardinality()];
            for (int id = ids.nextSetBit(0), at = 0; id >= 0; id = ids.nextSetBit(id + 1), at++) {
                reads[at] = id;
            }
            return reads;
        }
    }

    /**
     * A loop.
     *
     * @param body     its calls, in order
     * @param loads    the values that it reads from blocks
     * @param uniforms the values that it reads once
     * @param stores   the values that it writes to blocks
     */
    record Loop(List<Assignment> body, List<Integer> loads, List<Integer> uniforms, List<Integer> stores) {
        /** Whether it is nothing but the exponential of a block. */
        boolean isExponential() {
            return body.size() == 1 && body.getFirst().function() == ElementwiseFunction.EXP && loads.size() == 1;
        }
    }

    private final int inputs;
    private final BitSet uniforms;
    private final Map<Expr, Integer> ids = new LinkedHashMap<>();
    private final List<Assignment> assignments = new ArrayList<>();
    private final List<Source> results = new ArrayList<>();
    private final List<Loop> loops = new ArrayList<>();

    /**
     * Arranges expressions.
     *
     * @param inputs   how many inputs they may refer to
     * @param uniforms those of which one value serves a whole block
     * @param results  the expressions
     */
    LoopProgram(int inputs, BitSet uniforms, List<Expr> results) {
        this.inputs = inputs;
        this.uniforms = (BitSet) uniforms.clone();
        for (int i = 0; i < inputs; i++) {
            ids.put(new Expr.Input(i), i);
        }
        HostForms forms = new HostForms();
        results.forEach(result -> this.results.add(source(forms.of(result))));
        schedule();
    }

    private Source source(Expr expr) {
        Integer known = ids.get(expr);
        if (known != null) {
            return new Source.Value(known);
        }
        return switch (expr) {
            case Expr.Constant constant -> new Source.Constant(constant.value());
            case Expr.Input input -> throw new IllegalArgumentException("input " + input.index() + " of " + inputs + " inputs");
            case Expr.Call call -> {
                List<Source> arguments = new ArrayList<>();
                call.arguments().forEach(argument -> arguments.add(source(argument)));
                int id = ids.size();
                ids.put(expr, id);
                assignments.add(new Assignment(id, call.function(), arguments));
                yield new Source.Value(id);
            }
        };
    }

    /**
     * Deals the calls out to loops: as many as fit into one, in order, of those that wait for nothing; then, one by one, the calls
     * that have loops of their own and wait for nothing but these.
     */
    private void schedule() {
        int[][] reads = new int[values()][];
        assignments.forEach(each -> reads[each.id()] = each.reads());
        List<List<Integer>> bodies = new Dealing(reads).bodies();
        int[] lastRead = new int[values()];
        for (int b = 0; b < bodies.size(); b++) {
            for (int id : bodies.get(b)) {
                for (int read : reads[id]) {
                    lastRead[read] = b;
                }
            }
        }
        for (Source result : results) {
            if (result instanceof Source.Value value) {
                lastRead[value.id()] = bodies.size();
            }
        }
        for (int b = 0; b < bodies.size(); b++) {
            loops.add(loop(bodies.get(b), b, reads, lastRead));
        }
    }

    /** Calls that wait for others, and those that wait no more, by their numbers. */
    private final class Dealing {
        private final int[][] reads;
        private final int[] waiting = new int[values()];
        private final List<List<Integer>> readers = new ArrayList<>();
        private final PriorityQueue<Integer> ready = new PriorityQueue<>();
        private List<Integer> alone = new ArrayList<>();

        private Dealing(int[][] reads) {
            this.reads = reads;
            for (int id = 0; id < values(); id++) {
                readers.add(new ArrayList<>());
            }
            for (Assignment each : assignments) {
                for (int read : reads[each.id()]) {
                    if (read >= inputs) {
                        readers.get(read).add(each.id());
                        waiting[each.id()]++;
                    }
                }
                if (waiting[each.id()] == 0) {
                    isReady(each.id());
                }
            }
        }

        private ElementwiseFunction function(int id) {
            return assignments.get(id - inputs).function();
        }

        private void isReady(int id) {
            (JvmFunctions.isVectorised(function(id)) ? ready : alone).add(id);
        }

        private void isDone(int id) {
            for (int reader : readers.get(id)) {
                if (--waiting[reader] == 0) {
                    isReady(reader);
                }
            }
        }

        private List<List<Integer>> bodies() {
            List<List<Integer>> bodies = new ArrayList<>();
            while (!ready.isEmpty() || !alone.isEmpty()) {
                List<Integer> body = vectorBody();
                if (!body.isEmpty()) {
                    bodies.add(body);
                }
                List<Integer> now = alone;
                alone = new ArrayList<>();
                Collections.sort(now);
                now.forEach(id -> {
                    bodies.add(List.of(id));
                    isDone(id);
                });
            }
            return bodies;
        }

        private List<Integer> vectorBody() {
            List<Integer> body = new ArrayList<>();
            PriorityQueue<Integer> left = new PriorityQueue<>();
            BitSet reached = new BitSet();
            int work = 0;
            while (!ready.isEmpty() && work < MOST_WORK) {
                int id = ready.remove();
                int more = JvmFunctions.operations(function(id));
                for (int read : reads[id]) {
                    more += reached.get(read) || uniforms.get(read) ? 0 : 1;
                }
                if (!body.isEmpty() && work + more > MOST_WORK) {
                    left.add(id);
                    continue;
                }
                work += more;
                for (int read : reads[id]) {
                    reached.set(read);
                }
                reached.set(id);
                body.add(id);
                isDone(id);
            }
            ready.addAll(left);
            return body;
        }
    }

    private Loop loop(List<Integer> body, int number, int[][] reads, int[] lastRead) {
        BitSet read = new BitSet();
        for (int id : body) {
            for (int each : reads[id]) {
                read.set(each);
            }
        }
        body.forEach(read::clear);
        List<Integer> loads = new ArrayList<>();
        List<Integer> once = new ArrayList<>();
        for (int id = read.nextSetBit(0); id >= 0; id = read.nextSetBit(id + 1)) {
            (uniforms.get(id) ? once : loads).add(id);
        }
        return new Loop(body.stream().map(id -> assignments.get(id - inputs)).toList(), loads, once,
                body.stream().filter(id -> lastRead[id] > number).sorted().toList());
    }

    /** How many inputs there are: the values that are numbered first. */
    int inputs() {
        return inputs;
    }

    /** How many values there are. */
    int values() {
        return inputs + assignments.size();
    }

    /** Whether one value of this input serves a whole block. */
    boolean isUniform(int id) {
        return uniforms.get(id);
    }

    /** Where the results are. */
    List<Source> results() {
        return results;
    }

    /** The loops, in order. */
    List<Loop> loops() {
        return loops;
    }

    /** What each loop computes, a call a line. */
    String text() {
        StringBuilder text = new StringBuilder();
        for (int l = 0; l < loops.size(); l++) {
            Loop loop = loops.get(l);
            text.append("loop").append(l).append(": blocks ").append(names(loop.loads())).append(", numbers ")
                    .append(names(loop.uniforms())).append(" -> ").append(names(loop.stores())).append('\n');
            for (Assignment each : loop.body()) {
                text.append("    ").append(name(each.id())).append(" = ").append(each.function().label()).append('(')
                        .append(String.join(", ", each.arguments().stream().map(this::name).toList())).append(")\n");
            }
        }
        for (int r = 0; r < results.size(); r++) {
            text.append("result ").append(r).append(" = ").append(name(results.get(r))).append('\n');
        }
        return text.toString();
    }

    private List<String> names(List<Integer> values) {
        return values.stream().map(this::name).toList();
    }

    private String name(Source source) {
        return switch (source) {
            case Source.Value value -> name(value.id());
            case Source.Constant constant -> String.valueOf(constant.value());
        };
    }

    private String name(int id) {
        return id < inputs ? "x" + id : "v" + id;
    }
}
