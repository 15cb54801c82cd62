using CsCheck;
using Perk.Core.Tensors;
using static Perk.Core.Tests.Tensors.SafeTensorsBytes;

namespace Perk.Core.Tests.Tensors;

public sealed class SafeTensorsFileTests
{
    private const string A = """{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}""";

    public static TheoryData<string, byte[], string> Malformed => new()
    {
        { "empty file", [], "0 bytes" },
        { "shorter than the length field", [1, 2, 3], "3 bytes" },
        { "length beyond the file", File(1_000, "{}"u8.ToArray(), 0), "only 2 follow" },
        { "length over 100 MB", File(100_000_001, "{}"u8.ToArray(), 0), "100000001 bytes" },
        { "length of 2^64-1", File(ulong.MaxValue, "{}"u8.ToArray(), 0), "18446744073709551615" },
        { "empty header", File("", 0), "not JSON" },
        { "header not JSON", File("{\"a\":", 0), "not JSON" },
        { "header not UTF-8", File([0x7B, 0x22, 0xFF, 0x22, 0x7D], 0), "not JSON" },
        { "header with half a surrogate pair", File("""{"\ud800":{}}""", 0), "not JSON" },
        { "header an array", File("[]", 0), "not a JSON object" },
        { "header followed by more JSON", File("{}{}", 0), "not JSON" },
        { "header nested too deeply", File(new string('[', 100) + new string(']', 100), 0), "not JSON" },
        { "entry not an object", File("""{"a":1}""", 0), "'a': the entry is not a JSON object" },
        { "name given twice", File(A + "," + A[1..] + "}", 16), "'a' twice" },
        { "dtype unknown", File("""{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}""", 4), "dtype 'F31' is unknown" },
        { "dtype not a string", File("""{"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}""", 4), "dtype is not a string" },
        { "dtype missing", File("""{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4), "dtype is missing" },
        { "shape missing", File("""{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4), "shape is missing" },
        { "offsets missing", File("""{"a":{"dtype":"F32","shape":[1]}}""", 4), "data_offsets is missing" },
        { "shape given twice", File("""{"a":{"dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,4]}}""", 4), "shape is given twice" },
        { "shape not an array", File("""{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""", 4), "shape is not an array" },
        { "shape negative", File("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4), "holds -1" },
        { "shape fractional", File("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4), "holds 1.5" },
        { "shape beyond 64 bits", File("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", 4), "holds 99999999999999999999" },
        { "shape of strings", File("""{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", 4), "holds \"1\"" },
        { "shape overflowing to fit", File("""{"a":{"dtype":"F32","shape":[4294967296,4294967296,1],"data_offsets":[0,0]}}""", 0), "larger than any file" },
        { "shape overflowing 128 bits", File("""{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,9223372036854775807],"data_offsets":[0,0]}}""", 0), "larger than any file" },
        { "three offsets", File("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4), "two numbers" },
        { "offset negative", File("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4), "holds -4" },
        { "begin after end", File("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}""", 8), "end before they begin" },
        { "shape and offsets disagree", File("""{"a":{"dtype":"F16","shape":[2,2],"data_offsets":[0,16]}}""", 16), "takes 8 bytes, but data_offsets give 16" },
        { "end past the file", File(A + "}", 12), "truncated" },
        { "bytes after the last tensor", File(A + "}", 20), "4 bytes follow" },
        { "bytes but no tensor", File("{}", 5), "5 bytes follow" },
        { "hole before the first", File("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8), "no tensor covers bytes 0 to 4" },
        { "hole between two", File(A + ""","b":{"dtype":"F32","shape":[1],"data_offsets":[20,24]}}""", 24), "no tensor covers bytes 16 to 20" },
        { "overlap", File(A + ""","b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}""", 20), "inside the one before" },
        { "same range twice", File(A + ""","b":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", 16), "inside the one before" },
        { "metadata not an object", File("""{"__metadata__":[]}""", 0), "__metadata__ is not" },
        { "metadata value not a string", File("""{"__metadata__":{"k":1}}""", 0), "'k', whose value is not a string" },
        { "metadata key twice", File("""{"__metadata__":{"k":"1","k":"2"}}""", 0), "'k' twice" },
        { "metadata twice", File("""{"__metadata__":{},"__metadata__":{}}""", 0), "__metadata__ twice" },
        { "type that cannot be loaded", File("""{"ids":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", 8), "'ids' is of type I64" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void OpenAndLoad_MalformedFile_SaysWhatIsWrongAfterTheFilesName(string situation, byte[] bytes, string reason)
    {
        var error = Assert.Throws<ModelFileException>(() => LoadAll(bytes));
        Assert.StartsWith("test.safetensors: ", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Contains(reason, StringComparison.Ordinal), $"{situation}: {error.Message}");
    }

    [Fact]
    public void Open_WellFormedFile_ListsEveryTypeAndPassesOverOtherKeys()
    {
        const string Header = """
            {"ids":{"dtype":"I64","shape":[],"data_offsets":[0,8],"note":"x"},"mask":{"dtype":"BOOL","shape":[3],"data_offsets":[8,11]},
             "none":{"dtype":"F32","shape":[0,7],"data_offsets":[11,11]},"u":{"dtype":"U8","shape":[1],"data_offsets":[11,12]}}
            """;
        using var file = SafeTensorsFile.Open(new MemoryStream(File(Header, 12)), "test");
        Assert.Equal(["I64", "BOOL", "F32", "U8"], file.Entries.Values.Select(e => e.DType), StringComparer.Ordinal);
        Assert.Equal([0L, 7L], file.Load("none").shape);
        Assert.Empty(file.Metadata);
    }

    [Fact]
    public void Load_StreamOfShortReads_GivesTheSameBytes()
    {
        var bytes = File(A + "}", 16);
        using var file = SafeTensorsFile.Open(new DrippingStream(bytes), "test");
        using var tensor = file.Load("a");
        Assert.Equal(bytes[^16..], tensor.bytes.ToArray());
    }

    [Fact]
    public void Load_StreamEndingWithinTheData_NamesTheTensor()
    {
        var bytes = File(A + "}", 10);
        using var file = SafeTensorsFile.Open(new LyingStream(bytes, bytes.Length + 6), "test");
        Assert.Contains("within tensor 'a'", Assert.Throws<ModelFileException>(() => file.Load("a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_StreamEndingWithinTheHeader_SaysSo()
    {
        var stream = new LyingStream(File(60, "{}"u8.ToArray(), 0), 100);
        Assert.Contains("while its header", Assert.Throws<ModelFileException>(() => SafeTensorsFile.Open(stream, "test")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AnotherShapeOrName_NamesFileTensorExpectedAndFound()
    {
        using var file = SafeTensorsFile.Open(new MemoryStream(File(A + "}", 16)), "test");
        var shape = Assert.Throws<ModelFileException>(() => file.Load("a", 4, 1));
        Assert.Equal("test: tensor 'a' should have shape [4, 1], but has [2, 2].", shape.Message);
        Assert.Equal("test: there is no tensor 'b' in it.", Assert.Throws<ModelFileException>(() => file.Load("b", 2, 2)).Message);
        using var tensor = file.Load("a", 2, 2);
        Assert.Equal([2L, 2L], tensor.shape);
    }

    [Fact]
    public void Open_MissingFile_NamesIt() =>
        Assert.StartsWith("/no/such/file: ", Assert.Throws<ModelFileException>(() => SafeTensorsFile.Open("/no/such/file")).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_Stories260K_HasTheShapesOfItsConfiguration()
    {
        using var file = SafeTensorsFile.Open(Path.Combine(RepositoryFiles.Stories260K, "model.safetensors"));
        using var embedding = file.Load("model.embed_tokens.weight", 512, 64);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(62, file.Entries.Count);
        Assert.InRange(embedding.std().item<float>(), 0.01f, 1f);
    }

    [Fact]
    public void OpenAndLoad_MutatedFile_LoadsOrThrowsModelFileExceptionOnly()
    {
        var valid = File(A + ""","b":{"dtype":"BF16","shape":[3],"data_offsets":[16,22]},"__metadata__":{"é":"pt"}}""", 22);
        LoadAll(valid);
        var loaded = 0;
        var mutation = Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte, Gen.Int[0, 3]);
        mutation.Array[1, 4].Sample(
            mutations =>
            {
                try
                {
                    LoadAll(Mutate(valid, mutations));
                    Interlocked.Increment(ref loaded);
                }
                catch (ModelFileException e)
                {
                    Assert.StartsWith("test.safetensors: ", e.Message, StringComparison.Ordinal);
                }
            },
            iter: 2_000);
        Assert.InRange(loaded, 1, 1_999); // both ends were reached
    }

    private static byte[] Mutate(byte[] valid, (int At, byte Value, int Kind)[] mutations)
    {
        var bytes = valid.ToList();
        foreach (var (position, value, kind) in mutations)
        {
            var at = Math.Min(position, bytes.Count - 1);
            switch (kind)
            {
                case 0: bytes[at] = value; break;
                case 1: bytes.Insert(at, value); break;
                case 2: bytes.RemoveAt(at); break;
                default: bytes[at] ^= (byte)(1 << (value & 7)); break;
            }
        }

        return [.. bytes];
    }
}
