"""Making the data of Agora's rounds: mistakes, new examples, the teacher's labels, and rows to train on."""
