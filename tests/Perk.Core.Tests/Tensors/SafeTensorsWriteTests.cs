using System.Runtime.InteropServices;
using System.Text;
using Perk.Core.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Tensors;

public sealed class SafeTensorsWriteTests
{
    /// <summary>Bit patterns of a type, quiet and signalling NaNs with payloads, infinities and subnormals among them.</summary>
    public static TheoryData<ScalarType, byte[]> BitPatterns => new()
    {
        { ScalarType.Float32, Bytes<uint>(0x7FC0_1234, 0x7F80_0001, 0xFFFF_FFFF, 0x8000_0000, 0x0000_0001, 0x7F80_0000) },
        { ScalarType.Float16, Bytes<ushort>(0x7E12, 0x7C01, 0xFFFF, 0x8000, 0x0001, 0x7C00) },
        { ScalarType.BFloat16, Bytes<ushort>(0x7FC1, 0x7F81, 0xFFFF, 0x8000, 0x0001, 0x7F80) },
    };

    [Theory]
    [MemberData(nameof(BitPatterns))]
    public void Write_ThenLoad_KeepsEveryBitTypeAndShape(ScalarType type, byte[] bits)
    {
        using var scope = NewDisposeScope();
        var tensor = empty([2, 3], type);
        bits.CopyTo(tensor.bytes);
        using var file = Reopen([("w", tensor), ("scalar", tensor[1, 2]), ("empty", empty([0, 5], type))]);
        var loaded = file.Load("w");
        Assert.Equal((type, DeviceType.CPU), (loaded.dtype, loaded.device_type));
        Assert.Equal([2L, 3L], loaded.shape);
        Assert.Equal(bits, loaded.bytes.ToArray());
        Assert.Empty(file.Load("scalar").shape);
        Assert.Equal(bits[^(bits.Length / 6)..], file.Load("scalar").bytes.ToArray());
        Assert.Equal([0L, 5L], file.Load("empty").shape);
    }

    [Fact]
    public void Write_MetadataAndUnicodeNames_ComeBack()
    {
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt", ["größe"] = "\"quoted\"\n漢字 🙂" };
        string[] names = ["model.layers.0.weight", "größe", "漢字", "🙂", "with \"quotes\" and \\", "", " "];
        using var file = Reopen(names.Select((name, i) => (name, tensor((float)i))), metadata);
        Assert.Equal(metadata, file.Metadata);
        for (var i = 0; i < names.Length; i++) Assert.Equal(i, file.Load(names[i]).item<float>());
    }

    [Fact]
    public void Write_TransposedSlicedAndTrainableTensors_WritesTheirElementsInOrder()
    {
        using var scope = NewDisposeScope();
        var matrix = Arithmetic.Range(0, 12, CPU).to(ScalarType.Float32).reshape(3, 4);
        using var file = Reopen([("t", matrix.t()), ("s", matrix[TensorIndex.Colon, 1]), ("g", matrix.clone().requires_grad_(true))]);
        Assert.Equal([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11], file.Load("t", 4, 3).data<float>().ToArray());
        Assert.Equal([1, 5, 9], file.Load("s", 3).data<float>().ToArray());
        Assert.False(file.Load("g").requires_grad);
    }

    [Fact]
    public void Write_SmallFile_HasExactlyTheBytesOfTheFormatsOwnWriter()
    {
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt" };
        var written = Written([("a", ones(1, ScalarType.Float16)), ("b", ones(1, ScalarType.BFloat16)), ("z", ones(1)), ("c", ones(1))], metadata);
        const string Header = """
            {"__metadata__":{"format":"pt"},"c":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"z":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[8,10]},"a":{"dtype":"F16","shape":[1],"data_offsets":[10,12]}}
            """;
        var padded = Header.PadRight((Header.Length + 7) / 8 * 8);
        byte[] data = [0, 0, 0x80, 0x3F, 0, 0, 0x80, 0x3F, 0x80, 0x3F, 0, 0x3C];
        Assert.Equal([.. Bytes((long)padded.Length), .. Encoding.ASCII.GetBytes(padded), .. data], written);
    }

    [Fact]
    public void Write_InAnotherOrder_GivesTheSameBytes()
    {
        using var scope = NewDisposeScope();
        (string, Tensor)[] tensors = [("b", ones(3)), ("a", zeros(2, ScalarType.BFloat16)), ("é", ones(1))];
        Assert.Equal(Written(tensors), Written(tensors.Reverse()));
    }

    [Fact]
    public void Write_MoreThanOneChunk_ComesBackWhole()
    {
        using var scope = NewDisposeScope();
        var tensor = Arithmetic.Range(0, (1 << 24) + 5, CPU).to(ScalarType.Float32).to(ScalarType.BFloat16);
        using var file = Reopen([("long", tensor)]);
        Assert.True(file.Load("long").bytes.SequenceEqual(tensor.bytes));
    }

    [Fact]
    public void Write_NameTwiceReservedOrTypeUnknown_IsRefused()
    {
        using var scope = NewDisposeScope();
        var tensor = ones(1);
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => Written([("a", tensor), ("a", tensor)])).Message, StringComparison.Ordinal);
        Assert.Contains("__metadata__", Assert.Throws<ArgumentException>(() => Written([("__metadata__", tensor)])).Message, StringComparison.Ordinal);
        Assert.Contains("'i'", Assert.Throws<ArgumentException>(() => Written([("i", tensor.@long())])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ToAPath_LeavesTheOldFileWhenItFailsAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var path = folder.File("m.safetensors");
        SafeTensors.Write(path, [("a", ones(2))]);
        var before = File.ReadAllBytes(path);
        var disposed = ones(2);
        disposed.Dispose();
        Assert.ThrowsAny<Exception>(() => SafeTensors.Write(path, [("a", zeros(2)), ("b", disposed)]));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        SafeTensors.Write(path, [("a", zeros(2))]);
        Assert.NotEqual(before, File.ReadAllBytes(path));
    }

    [Fact]
    public void Load_AfterTheScopeOfTheCaller_LeavesNoTensorBehind()
    {
        var bytes = WrittenInScope();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var file = SafeTensorsFile.Open(new MemoryStream(bytes), "test")) file.Load("a").Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static byte[] WrittenInScope()
    {
        using var scope = NewDisposeScope();
        return Written([("a", ones(4))]);
    }

    private static SafeTensorsFile Reopen(IEnumerable<(string, Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafeTensorsFile.Open(new MemoryStream(Written(tensors, metadata)), "test");

    private static byte[] Written(IEnumerable<(string, Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        SafeTensors.Write(stream, tensors, metadata);
        return stream.ToArray();
    }

    private static byte[] Bytes<T>(params T[] values)
        where T : struct => MemoryMarshal.AsBytes<T>(values).ToArray();
}
