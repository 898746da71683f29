# What the variables' rules take from the rest of the module.
locals {
  analyses_of = {
    textract    = ["text", "forms", "tables", "layout", "signatures", "queries", "expenses", "lending"]
    comprehend  = ["entities", "key-phrases", "sentiment", "targeted-sentiment", "pii", "language"]
    rekognition = ["labels", "moderation", "text", "faces", "celebrities"]
  }
}
