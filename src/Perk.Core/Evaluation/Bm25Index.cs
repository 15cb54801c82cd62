using Lucene.Net.Analysis.En;
using Lucene.Net.Documents;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Search.Similarities;
using Lucene.Net.Store;
using Lucene.Net.Util;
using Perk.Core.Documents;

namespace Perk.Core.Evaluation;

/// <summary>
/// The segments of a context, ranked by BM25 (Robertson and Zaragoza 2009, doi 10.1561/1500000019; k1 = 1.2, b = 0.75) over words stemmed
/// for English: Lucene's.
/// </summary>
public sealed class Bm25Index : IDisposable
{
    private const LuceneVersion Version = LuceneVersion.LUCENE_48;
    private const string Text = "text", Number = "number";

    private readonly RAMDirectory _directory = new();
    private readonly EnglishAnalyzer _analyzer = new(Version);
    private readonly DirectoryReader _reader;
    private readonly IndexSearcher _searcher;

    /// <summary>Indexes segments.</summary>
    public Bm25Index(IEnumerable<Segment> segments)
    {
        using (var writer = new IndexWriter(_directory, new IndexWriterConfig(Version, _analyzer)))
        {
            foreach (var segment in segments)
            {
                writer.AddDocument(
                [
                    new TextField(Text, segment.Text, Field.Store.NO),
                    new StoredField(Number, segment.Index),
                ]);
            }
        }

        _reader = DirectoryReader.Open(_directory);
        _searcher = new IndexSearcher(_reader) { Similarity = new BM25Similarity(1.2f, 0.75f) };
    }

    /// <summary>The numbers of the segments that share a word with a question, the best first.</summary>
    /// <param name="question">The question.</param>
    /// <param name="most">How many at most.</param>
    public IReadOnlyList<int> Search(string question, int most)
    {
        // Null where nothing but stop words is left.
        if (new QueryBuilder(_analyzer).CreateBooleanQuery(Text, question) is not { } query) return [];
        return [.. _searcher.Search(query, most).ScoreDocs.Select(hit => _searcher.Doc(hit.Doc).GetField(Number).GetInt32Value()!.Value)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _analyzer.Dispose();
        _directory.Dispose();
    }
}
