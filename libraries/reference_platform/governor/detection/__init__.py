"""One small detector per kind of excess: pure, from observations to detections."""
