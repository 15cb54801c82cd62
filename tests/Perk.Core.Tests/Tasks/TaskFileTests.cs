using System.IO.Compression;
using System.Text;
using Perk.Core.Tasks;

namespace Perk.Core.Tests.Tasks;

public sealed class TaskFileTests : IDisposable
{
    private const string Text = "Zürich — line one\nline two\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadText_PlainPackedOrMarked_GivesTheSameText()
    {
        var bytes = Encoding.UTF8.GetBytes(Text);
        Assert.Equal(Text, TaskFile.ReadText(Write("a.txt", bytes)));
        Assert.Equal(Text, TaskFile.ReadText(Write("b.txt", [0xEF, 0xBB, 0xBF, .. bytes])));
        Assert.Equal(Text, TaskFile.ReadText(Write("c.txt.gz", Pack(bytes))));
        Assert.Equal(Text, TaskFile.ReadText(Write("d.GZ", Pack([0xEF, 0xBB, 0xBF, .. bytes]))));
    }

    [Fact]
    public void ReadText_WhatCannotBeRead_NamesTheFileAndWhy()
    {
        AssertWrong(_folder.File("none.json"), "there is no such file");
        AssertWrong(_folder.File("no/folder.json"), "there is no such file");
        AssertWrong(_folder.Path, "is a folder");
        AssertWrong("", "cannot be read");
        AssertWrong(Write("latin.txt", Encoding.Latin1.GetBytes("Zürich")), "is not UTF-8");
        AssertWrong(Write("plain.gz", Encoding.UTF8.GetBytes(Text)), "cannot be unpacked");
        AssertWrong(Write("packed.txt", Pack(Encoding.UTF8.GetBytes(Text))), "is not UTF-8");
    }

    private static void AssertWrong(string path, string reason)
    {
        var error = Assert.Throws<TaskDataException>(() => TaskFile.ReadText(path));
        Assert.Equal(path, error.File);
        Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(_folder.File(name), bytes);
        return _folder.File(name);
    }

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress)) gzip.Write(bytes);
        return packed.ToArray();
    }
}
