package dev.quern.graph.op;

/**
 * What batch norm in training gives.
 *
 * @param y           the normalised tensor, of the input's shape
 * @param runningMean the new running mean [C], to be assigned
 * @param runningVar  the new running variance [C], to be assigned
 */
public record BatchNormalised(Value y, Value runningMean, Value runningVar) {
}
