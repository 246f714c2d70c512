package dev.quern.kernels.copy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A part that turns rows into columns: its innermost loop of {@code q} strides over the input, while another loop of {@code p}
 * walks the input's neighbours.
 *
 * @param p            elements of the loop whose source stride is 1
 * @param q            elements of the innermost loop, whose target stride is 1
 * @param targetStride the output's elements between neighbours of p
 * @param sourceStride the input's elements between neighbours of q
 * @param others       the other loops, as rows of a single element
 */
record Transposition(long p, long q, long targetStride, long sourceStride, Part others) {
    /** The transposition that a problem is, if it is one. */
    static Optional<Transposition> of(CopyProblem problem) {
        List<Part> parts = Part.of(problem);
        Part part = parts.getFirst();
        if (parts.size() > 1 || part.before() + part.after() > 0 || part.innerTarget() != 1 || part.innerSource() < 2) {
            return Optional.empty();
        }
        int turned = part.source().indexOf(1L);
        if (turned < 0) {
            return Optional.empty();
        }
        List<Long> extents = new ArrayList<>(part.extents());
        List<Long> target = new ArrayList<>(part.target());
        List<Long> source = new ArrayList<>(part.source());
        long p = extents.remove(turned);
        long targetStride = target.remove(turned);
        source.remove(turned);
        long q = extents.removeLast();
        long sourceStride = source.removeLast();
        target.removeLast();
        extents.add(1L);
        target.add(1L);
        source.add(1L);
        return Optional.of(new Transposition(p, q, targetStride, sourceStride,
                new Part(part.input(), extents, target, source, part.at(), part.from(), 0, 0)));
    }
}
