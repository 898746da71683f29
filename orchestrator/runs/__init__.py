"""What runs did and when: events as they happen, the timeline that follows from them, and traces for OpenTelemetry."""
