"""Build "Above the Sound", the demo song: score, instruments, voice and recorded faults."""
