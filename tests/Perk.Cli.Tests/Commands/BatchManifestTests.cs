using System.Text;
using Perk.Cli.Commands;

namespace Perk.Cli.Tests.Commands;

public sealed class BatchManifestTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_Manifest_HasItsFilesBesideItWithTheirNames() => Assert.Equal(
        [new BatchManifest.Line(Path.Combine(_folder.Path, "notes/1.txt"), "notes/1.txt"), new BatchManifest.Line("/absolute/2.txt", "the second")],
        Of("""
            {"file": "notes/1.txt"}

            {"file": "/absolute/2.txt", "name": "the second"}
            """));

    [Theory]
    [InlineData("nonsense", "line 2: it is not JSON")]
    [InlineData("{}", "line 2: it must have the field 'file'")]
    [InlineData("null", "line 2: it must have the field 'file'")]
    [InlineData("""{"file":""}""", "line 2: it must have the field 'file'")]
    [InlineData(@"{""file"":""a\u0000b""}", "line 2: no file has a name with U+0000 in it, as 'a?b' has.")]
    [InlineData(@"{""file"":""\ud800""}", "line 2: it is not JSON")]
    public void Of_LineThatNamesNoFile_IsToldByItsNumber(string line, string reason) =>
        Assert.Contains(Path.Combine(_folder.Path, "list.jsonl, ") + reason, Assert.Throws<ArgumentException>(() => Of("{\"file\":\"a\"}\n" + line)).Message);

    private IReadOnlyList<BatchManifest.Line> Of(string text) => BatchManifest.Of([_folder.Add("list.jsonl", Encoding.UTF8.GetBytes(text))]);
}
