package dev.quern.kernels.expr;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

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

        /** The values that it reads, each once. */
        TreeSet<Integer> reads() {
            TreeSet<Integer> ids = new TreeSet<>();
            for (Source source : arguments) {
                if (source instanceof Source.Value value) {
                    ids.add(value.id());
                }
            }
            return ids;
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

    private void schedule() {
        BitSet done = new BitSet();
        done.set(0, inputs);
        List<Assignment> pending = new ArrayList<>(assignments);
        List<List<Assignment>> bodies = new ArrayList<>();
        while (!pending.isEmpty()) {
            List<Assignment> body = vectorBody(pending, done);
            if (!body.isEmpty()) {
                bodies.add(body);
            }
            BitSet before = (BitSet) done.clone();
            for (Assignment each : List.copyOf(pending)) {
                if (!JvmFunctions.isVectorised(each.function()) && each.reads().stream().allMatch(before::get)) {
                    bodies.add(List.of(each));
                    done.set(each.id());
                    pending.remove(each);
                }
            }
        }
        for (int i = 0; i < bodies.size(); i++) {
            loops.add(loop(bodies.get(i), bodies.subList(i + 1, bodies.size())));
        }
    }

    /** Takes as many calls as fit into one loop and depend on nothing that is still to be computed. */
    private List<Assignment> vectorBody(List<Assignment> pending, BitSet done) {
        List<Assignment> body = new ArrayList<>();
        BitSet reached = new BitSet();
        int work = 0;
        for (Assignment each : List.copyOf(pending)) {
            if (!JvmFunctions.isVectorised(each.function()) || !each.reads().stream().allMatch(done::get)) {
                continue;
            }
            int loads = (int) each.reads().stream().filter(id -> !reached.get(id) && !uniforms.get(id)).count();
            int more = JvmFunctions.operations(each.function()) + loads;
            if (!body.isEmpty() && work + more > MOST_WORK) {
                continue;
            }
            work += more;
            each.reads().forEach(reached::set);
            reached.set(each.id());
            done.set(each.id());
            body.add(each);
            pending.remove(each);
        }
        return body;
    }

    private Loop loop(List<Assignment> body, List<List<Assignment>> later) {
        TreeSet<Integer> reads = new TreeSet<>();
        TreeSet<Integer> stores = new TreeSet<>();
        body.forEach(each -> {
            reads.addAll(each.reads());
            stores.add(each.id());
        });
        reads.removeAll(stores);
        TreeSet<Integer> needed = new TreeSet<>();
        later.forEach(next -> next.forEach(each -> needed.addAll(each.reads())));
        results.forEach(result -> {
            if (result instanceof Source.Value value) {
                needed.add(value.id());
            }
        });
        stores.retainAll(needed);
        return new Loop(body, reads.stream().filter(id -> !uniforms.get(id)).toList(), reads.stream().filter(uniforms::get).toList(),
                List.copyOf(stores));
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
