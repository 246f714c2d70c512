package dev.quern.bench.result;

import dev.quern.bench.measure.Samples;
import java.util.Optional;

/**
 * A row as a file has it.
 *
 * @param key     suite, case, pass, variant and device: what makes rows of two files the same row
 * @param sources the hash of its kernels
 * @param samples the runs; empty where the variant was turned away
 */
public record RecordedRow(String key, String sources, Optional<Samples> samples) {
}
