package dev.quern.graph.plan;

/**
 * What a plan is made of.
 *
 * @param regions        kernels of families, generated ones included
 * @param launches       launches a step, packing and splitting included
 * @param temporaryBytes bytes of the temporaries' arena
 * @param boundBytes     the most bytes of temporaries in use at one step: no arena can be smaller
 * @param inputBytes     bytes of the inputs, step scalars included
 * @param outputBytes    bytes of the outputs that have memory of their own
 * @param stateBytes     bytes of the tensors of the state that the plan uses
 */
public record PlanStatistics(int regions, int launches, long temporaryBytes, long boundBytes, long inputBytes,
        long outputBytes, long stateBytes) {
}
