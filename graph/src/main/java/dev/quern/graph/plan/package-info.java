/**
 * What a compiled graph runs on and as: the {@link dev.quern.graph.plan.State} that owns parameters, the memory planner and
 * the scheduler, and the {@link dev.quern.graph.plan.Plan} that is replayed.
 */
package dev.quern.graph.plan;
