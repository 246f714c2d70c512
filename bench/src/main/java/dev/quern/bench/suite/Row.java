package dev.quern.bench.suite;

import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.measure.Timing;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One line of a report: a variant on a case.
 *
 * @param suite   the suite
 * @param name    the case
 * @param pass    the case's pass
 * @param variant the variant
 * @param best    whether variant selection would choose it
 * @param device  the device's id
 * @param sources a hash of its kernels; empty where there are none
 * @param timing  what runs took; empty where the variant was turned away
 * @param flops   floating-point operations of a run
 * @param bytes   bytes of a run, each operand counted once; 0 where that is not a meaningful number
 * @param roof    the ceiling over this work, where ceilings were measured
 * @param error   the relative root-mean-square error; NaN where there was no result
 * @param peers   what the same work took each peer
 */
public record Row(String suite, String name, String pass, String variant, boolean best, String device, String sources,
        Optional<Timing> timing, double flops, double bytes, Optional<Ceilings.Roof> roof, double error,
        Map<String, Timing> peers) {

    /** 10^9 floating-point operations a second at the median; 0 where there is no timing. */
    public double gflops() {
        return timing.map(measured -> flops / measured.median() * 1e-6).orElse(0.0);
    }

    /** 10^9 bytes a second at the median, each operand counted once. */
    public double gigabytes() {
        return timing.map(measured -> bytes / measured.median() * 1e-6).orElse(0.0);
    }

    /** The share of the ceiling that the median comes to. */
    public OptionalDouble share() {
        return timing.isPresent() && roof.isPresent() ? OptionalDouble.of(roof.get().share(timing.get().median()))
                : OptionalDouble.empty();
    }

    /** How many times as fast as a peer, by the medians. */
    public OptionalDouble speedup(String peer) {
        return timing.isPresent() && peers.containsKey(peer)
                ? OptionalDouble.of(peers.get(peer).median() / timing.get().median()) : OptionalDouble.empty();
    }
}
