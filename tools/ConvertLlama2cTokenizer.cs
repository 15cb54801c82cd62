#:package Google.Protobuf
#:property PublishAot=false
#:property NoWarn=$(NoWarn);CS1591
// Converts llama2.c's tokenizer file into a SentencePiece model, the form Microsoft.ML.Tokenizers reads.
//
//   dotnet run tools/ConvertLlama2cTokenizer.cs -- tests/fixtures/stories260K/tok512.bin models/stories260K/tokenizer.model
//
// In:  int32 longest token; then per token float32 score, int32 byte count, bytes (little-endian; "▁" was written as " ",
//      and <s>, </s> stand between line feeds).
// Out: sentencepiece_model.proto's ModelProto: BPE with byte fallback, ids 0 <unk>, 1 <s>, 2 </s>, 3..258 the bytes.
using System.Text;
using Google.Protobuf;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: dotnet run tools/ConvertLlama2cTokenizer.cs -- TOK.BIN TOKENIZER.MODEL");
    return 2;
}

var pieces = ReadPieces(args[0]);
File.WriteAllBytes(args[1], Message(model =>
{
    for (var id = 0; id < pieces.Count; id++) Nested(model, 1, Piece(id, pieces[id].Text, pieces[id].Score));
    Nested(model, 2, TrainerSpec(pieces.Count));
    Nested(model, 3, NormalizerSpec());
}));
Console.WriteLine($"{args[1]}: {pieces.Count} pieces");
return 0;

static List<(string Text, float Score)> ReadPieces(string path)
{
    using var reader = new BinaryReader(File.OpenRead(path));
    var pieces = new List<(string, float)>();
    reader.ReadInt32();
    while (reader.BaseStream.Position < reader.BaseStream.Length)
    {
        var score = reader.ReadSingle();
        var text = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32()));
        pieces.Add((pieces.Count < 3 ? text.Trim('\n') : text.Replace(' ', '▁'), score));
    }

    return pieces;
}

// message SentencePiece { string piece = 1; float score = 2; Type type = 3; }
static Action<CodedOutputStream> Piece(int id, string text, float score) => piece =>
{
    const int Normal = 1, Unknown = 2, Control = 3, Byte = 6;
    Text(piece, 1, text);
    piece.WriteTag(2, WireFormat.WireType.Fixed32);
    piece.WriteFloat(score);
    Number(piece, 3, id switch { 0 => Unknown, 1 or 2 => Control, < 259 => Byte, _ => Normal });
};

static Action<CodedOutputStream> TrainerSpec(int vocabulary) => spec =>
{
    const int Bpe = 2;
    Number(spec, 3, Bpe); // model_type
    Number(spec, 4, vocabulary); // vocab_size
    Number(spec, 35, 1); // byte_fallback
    Number(spec, 40, 0); // unk_id
    Number(spec, 41, 1); // bos_id
    Number(spec, 42, 2); // eos_id
    Number(spec, 43, -1); // pad_id
    Text(spec, 45, "<unk>");
    Text(spec, 46, "<s>");
    Text(spec, 47, "</s>");
};

static Action<CodedOutputStream> NormalizerSpec() => spec =>
{
    Text(spec, 1, "identity");
    Number(spec, 3, 1); // add_dummy_prefix
    Number(spec, 4, 0); // remove_extra_whitespaces
    Number(spec, 5, 1); // escape_whitespaces
};

static byte[] Message(Action<CodedOutputStream> write)
{
    using var bytes = new MemoryStream();
    using (var output = new CodedOutputStream(bytes)) write(output);
    return bytes.ToArray();
}

static void Nested(CodedOutputStream output, int field, Action<CodedOutputStream> write)
{
    output.WriteTag(field, WireFormat.WireType.LengthDelimited);
    output.WriteBytes(ByteString.CopyFrom(Message(write)));
}

static void Number(CodedOutputStream output, int field, int value)
{
    output.WriteTag(field, WireFormat.WireType.Varint);
    output.WriteInt32(value);
}

static void Text(CodedOutputStream output, int field, string value)
{
    output.WriteTag(field, WireFormat.WireType.LengthDelimited);
    output.WriteString(value);
}
