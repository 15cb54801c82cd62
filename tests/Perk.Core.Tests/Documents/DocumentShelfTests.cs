using System.Text;
using System.Text.Json.Nodes;
using Perk.Core.Documents;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Documents;

public sealed class DocumentShelfTests : IDisposable
{
    private const string Collection = Names.DefaultCollection;
    private static readonly DateTimeOffset Noon = new(2025, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>These letters are the same in Latin-1 and windows-1252.</summary>
    private static readonly byte[] Windows = Encoding.Latin1.GetBytes("Le café était fermé, à côté de l'école; déjà vu.");

    private readonly TemporaryFolder _folder = new();
    private readonly DirectoryStore _store;
    private readonly DocumentShelf _shelf;

    public DocumentShelfTests()
    {
        _store = new DirectoryStore(_folder.Path);
        _shelf = new DocumentShelf(_store);
    }

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Add_TheSameBytesTwice_StoredOnceUnderTheirHash()
    {
        var id = await AddAsync(Windows, "first.txt");
        Assert.Equal(Ids.Sha256(Windows), id);
        Assert.Equal(id, await _shelf.AddAsync(Collection, Windows, "second.txt", Noon.AddDays(1), Now));
        Assert.Equal(4, await _store.ListAsync(Names.Documents, "", Now).CountAsync(Now)); // content, source, two references
        Assert.Equal(["first.txt", "second.txt"], (await _shelf.ReferencesAsync(Collection, id, Now)).Select(r => r.Name).Order());
        Assert.Equal(Windows, await _store.ReadAllBytesAsync(Names.DocumentContent(Collection, id), Now));
        var source = await SourceAsync(id);
        Assert.Equal(("first.txt", Noon), ((string?)source["name"], (DateTimeOffset?)source["submitted"]));
    }

    [Fact]
    public async Task Add_InTwoCollections_EachHasItsOwn()
    {
        var id = await AddAsync(Windows, null);
        Assert.True(await _shelf.HasAsync(Collection, id, Now));
        Assert.False(await _shelf.HasAsync("another", id, Now));
        await Refused(id, "does not exist", "another");
    }

    [Fact]
    public async Task Read_WindowsText_NotesTheEncodingBesideNameAndLength()
    {
        var id = await AddAsync(Windows, "café.txt");
        var before = await SourceAsync(id);
        Assert.Equal(("café.txt", Windows.Length), ((string?)before["name"], (int)before["bytes"]!));
        Assert.Null(before["encoding"]);
        Assert.Null(before["characters"]);

        var text = await _shelf.ReadAsync(Collection, id, Now);
        Assert.Equal(("Le café était fermé, à côté de l'école; déjà vu.", "windows-1252"), (text.Text, text.Encoding));
        var after = await SourceAsync(id);
        Assert.Equal(("windows-1252", text.Text.Length), ((string?)after["encoding"], (int)after["characters"]!));
        Assert.Equal(
            ("café.txt", Windows.Length, Noon),
            ((string?)after["name"], (int)after["bytes"]!, (DateTimeOffset?)after["submitted"]));
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData(null)]
    public async Task Read_SourceDamagedOrMissing_IsWrittenAgain(string? json)
    {
        var id = await AddAsync(Windows, "café.txt");
        var name = Names.DocumentSource(Collection, id);
        if (json is null) await _store.DeleteAsync(name, Now);
        else await _store.WriteAsync(name, Encoding.UTF8.GetBytes(json), Now);
        await _shelf.ReadAsync(Collection, id, Now);
        var source = await SourceAsync(id);
        Assert.Equal(("windows-1252", Windows.Length), ((string?)source["encoding"], (int)source["bytes"]!));
    }

    [Fact]
    public async Task Read_ContentChanged_IsRefusedUntilItIsSubmittedAgain()
    {
        var id = await AddAsync(Windows, "café.txt");
        await _store.WriteAsync(Names.DocumentContent(Collection, id), "Something else."u8.ToArray(), Now);
        await Refused(id, "submit the document again");
        Assert.Equal(id, await AddAsync(Windows, "café.txt"));
        Assert.StartsWith("Le café", (await _shelf.ReadAsync(Collection, id, Now)).Text);
    }

    [Fact]
    public async Task Read_NeverSubmitted_SaysSo() => await Refused(new string('0', 64), "does not exist; submit it");

    [Fact]
    public async Task Add_OneByteOverTheLimit_IsRefusedAndNothingStored()
    {
        var tooLong = new byte[DocumentShelf.MaxBytes + 1];
        var e = await Assert.ThrowsAsync<DocumentException>(() => AddAsync(tooLong, "long.txt"));
        Assert.Contains("67108865 bytes; one document may have 67108864", e.Message);
        Assert.Empty(await _store.ListAsync(Names.Documents, "", Now).ToListAsync(Now));
    }

    private Task<string> AddAsync(byte[] content, string? name) => _shelf.AddAsync(Collection, content, name, Noon, Now);

    private async Task<JsonNode> SourceAsync(string id) =>
        JsonNode.Parse((await _store.ReadAllBytesAsync(Names.DocumentSource(Collection, id), Now))!)!;

    private async Task Refused(string id, string said, string collection = Collection)
    {
        var e = await Assert.ThrowsAsync<DocumentException>(() => _shelf.ReadAsync(collection, id, Now));
        Assert.Contains(said, e.Message);
        Assert.Contains(id, e.Message);
    }
}
