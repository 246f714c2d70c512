package dev.quern.bench.suite;

import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.measure.Alternation;
import dev.quern.bench.measure.Contestant;
import dev.quern.bench.measure.Timing;
import dev.quern.bench.peer.PeerInput;
import dev.quern.bench.peer.PeerProcess;
import dev.quern.bench.peer.PeerTask;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Measures a suite's cases on a device: the candidates of each in turn with the peers. */
public final class SuiteRun {
    /** Both sides round; more than this is another task, not another rounding. */
    private static final double LARGEST_PEER_ERROR = 1e-3;

    private final Suite suite;
    private final Device device;
    private final Optional<Yardsticks> yardsticks;
    private final Alternation alternation;
    private final List<PeerProcess> peers;
    private final Consumer<String> notes;

    /**
     * A run.
     *
     * @param yardsticks what the cases are held against, where the device's ceilings were measured; closed by the caller
     * @param peers      started, and closed by the caller
     * @param notes      takes what is worth telling besides rows: peers' versions, and whom a case turned away and why
     */
    public SuiteRun(Suite suite, Device device, Optional<Yardsticks> yardsticks, Alternation alternation,
            List<PeerProcess> peers, Consumer<String> notes) {
        this.suite = suite;
        this.device = device;
        this.yardsticks = yardsticks;
        this.alternation = alternation;
        this.peers = peers;
        this.notes = notes;
    }

    /**
     * Measures one case.
     *
     * @param variants the variants to measure, some of the case's
     * @return a row for each candidate, the quickest first
     */
    public List<Row> measure(BenchCase benchCase, List<String> variants) {
        try (Bout bout = benchCase.open(device, variants)) {
            List<Contestant> contestants = new ArrayList<>();
            for (Candidate candidate : bout.candidates()) {
                switch (candidate) {
                    case Candidate.Verified verified -> contestants.add(verified.contestant());
                    case Candidate.Rejected rejected ->
                            notes.accept(benchCase.name() + " " + rejected.variant() + ": " + rejected.reason());
                }
            }
            Optional<Yardstick> yardstick = contestants.isEmpty() ? Optional.empty()
                    : yardsticks.flatMap(all -> all.of(bout)).or(bout::yardstick);
            int candidates = contestants.size();
            yardstick.ifPresent(one -> contestants.add(one.contestant()));
            int own = contestants.size();
            contestants.addAll(preparedPeers(benchCase, bout));
            List<Timing> timings = alternation.time(contestants);
            Map<String, Timing> others = new TreeMap<>();
            for (int i = own; i < contestants.size(); i++) {
                others.put(contestants.get(i).name(), timings.get(i));
            }
            Optional<Ceilings.Roof> roof = yardstick.map(one -> one.roof(bout, timings.get(candidates).median()))
                    .or(() -> yardsticks.map(all -> all.roof(bout)));
            return rows(benchCase, bout, roof, timings, others);
        }
    }

    /** The peers that do such work, each told what to do. */
    private List<Contestant> preparedPeers(BenchCase benchCase, Bout bout) {
        List<Contestant> prepared = new ArrayList<>();
        Optional<PeerTask> task = bout.peerTask();
        if (task.isEmpty()) {
            return prepared;
        }
        for (PeerProcess peer : peers) {
            switch (peer.prepare(task.get())) {
                case PeerProcess.Answer.Ready(String description) -> {
                    notes.accept("peer " + peer.name() + ": " + description);
                    if (computesTheSame(peer, benchCase, bout, task.get())) {
                        prepared.add(peer);
                    }
                }
                case PeerProcess.Answer.Declined(String reason) -> notes.accept("peer " + peer.name() + ": " + reason);
            }
        }
        return prepared;
    }

    /** Compares a peer's result with a right one, where both read the same tensors. */
    private boolean computesTheSame(PeerProcess peer, BenchCase benchCase, Bout bout, PeerTask task) {
        List<HostTensor> inputs = bout.peerInputs();
        boolean comparable = inputs.size() == task.inputs().size() && !inputs.isEmpty();
        for (int i = 0; comparable && i < inputs.size(); i++) {
            PeerInput input = task.inputs().get(i);
            comparable = input.shape().equals(inputs.get(i).shape()) && input.dtype() == inputs.get(i).dtype();
        }
        if (!comparable) {
            return true;
        }
        List<double[]> outputs = peer.outputs(inputs);
        OptionalDouble error = outputs.isEmpty() ? OptionalDouble.empty() : bout.peerError(outputs);
        if (error.isPresent() && !(error.getAsDouble() <= LARGEST_PEER_ERROR)) {
            notes.accept(String.format(Locale.ROOT, "%s: peer %s computes something else: relative difference %.1e; not timed",
                    benchCase.name(), peer.name(), error.getAsDouble()));
            return false;
        }
        return true;
    }

    private List<Row> rows(BenchCase benchCase, Bout bout, Optional<Ceilings.Roof> roof, List<Timing> timings,
            Map<String, Timing> others) {
        List<Row> rows = new ArrayList<>();
        int next = 0;
        for (Candidate candidate : bout.candidates()) {
            rows.add(switch (candidate) {
                case Candidate.Verified verified -> new Row(suite.name(), benchCase.name(), benchCase.pass(),
                        verified.variant(), verified.best(), device.info().id(), verified.sources(),
                        Optional.of(timings.get(next++)), bout.flops(), bout.bytes(), roof, verified.error(), others);
                case Candidate.Rejected rejected -> new Row(suite.name(), benchCase.name(), benchCase.pass(),
                        rejected.variant(), rejected.best(), device.info().id(), "", Optional.empty(), bout.flops(),
                        bout.bytes(), roof, rejected.error(), others);
            });
        }
        rows.sort(Comparator.comparingDouble(SuiteRun::millis));
        return rows;
    }

    private static double millis(Row row) {
        return row.timing().map(Timing::median).orElse(Double.POSITIVE_INFINITY);
    }
}
